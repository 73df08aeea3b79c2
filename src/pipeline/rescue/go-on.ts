// The encoder of an answer that goes on with another's stream: brought to where that stands, it says what is new and nothing
// of what the client has.
//
//   text        ─► matcher ─► into the block that is open, else a new one
//   reasoning   left out where the answer had begun; else matched, or told anew in a block of its own
//   tool calls  once all that was sent is found again
import type { Delta, Usage } from '../../contracts/chat.ts';
import type { StreamEncoder } from '../../contracts/dialect.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { EventOut } from '../../contracts/framing.ts';
import type { Matcher } from './matcher.ts';
import { type Position, retell } from './position.ts';

type Open = Extract<Delta, { kind: 'open' }>;

/** What becomes of a block of the other answer: joined to the text, compared with the reasoning, left out, or a block of its own. */
type Way = 'text' | 'thought' | 'out' | number;

export interface GoOnOptions {
  position: Position;
  matcher: Matcher;
  /** The other answer begins anew. */
  whole: boolean;
  /** Its model, where its stream does not say one. */
  model: string;
  /** What the client is told of the usage. */
  usage(usage: Usage): Usage;
}

/** @param encoder fresh, of the client's dialect. */
export function createGoOn(encoder: StreamEncoder, options: GoOnOptions): StreamEncoder {
  return new GoOn(encoder, options);
}

class GoOn implements StreamEncoder {
  readonly #encoder: StreamEncoder;
  readonly #position: Position;
  readonly #matcher: Matcher;
  readonly #options: GoOnOptions;
  readonly #ways = new Map<number, Way>();
  #told = false;
  /** Text went out that the client did not have. */
  #spoke = false;
  /** The client's block that is open. */
  #open: Position['open'];
  #next: number;
  /** Reasoning of the other answer that the client may have. */
  #thought = '';

  constructor(encoder: StreamEncoder, options: GoOnOptions) {
    this.#encoder = encoder;
    this.#options = options;
    this.#position = options.position;
    this.#matcher = options.matcher;
    this.#open = options.position.open;
    this.#next = options.position.next;
  }

  get sequence(): number {
    return this.#encoder.sequence ?? 0;
  }

  encode(delta: Delta, out: EventOut): void {
    if (!this.#told) {
      this.#told = true;
      const named = delta.kind === 'start' && delta.model !== '' ? delta.model : this.#options.model;
      retell(this.#position, this.#encoder, undefined, named);
    }
    switch (delta.kind) {
      case 'start':
        if (delta.usage !== null) this.#use(delta.usage, out);
        return;
      case 'open':
        this.#begin(delta, out);
        return;
      case 'text':
        this.#text(delta, out);
        return;
      case 'arguments':
      case 'signature': {
        const way = this.#ways.get(delta.index);
        if (typeof way === 'number') this.#encoder.encode({ ...delta, index: way }, out);
        return;
      }
      case 'citation':
        this.#cite(delta, out);
        return;
      case 'close':
        this.#close(delta.index, out);
        return;
      case 'usage':
        this.#use(delta.usage, out);
        return;
      case 'ping':
        this.#encoder.encode(delta, out);
        return;
      case 'stop':
      case 'end':
        this.#flush(out);
        this.#closeOpen(out);
        this.#encoder.encode(delta, out);
    }
  }

  #use(usage: Usage, out: EventOut): void {
    this.#encoder.encode({ kind: 'usage', usage: this.#options.usage(usage) }, out);
  }

  #begin(open: Open, out: EventOut): void {
    const { index } = open;
    const { text, reasoning } = this.#position;
    switch (open.block) {
      case 'text':
        this.#ways.set(index, 'text');
        return;
      case 'reasoning':
        if (text !== '') this.#ways.set(index, 'out');
        else if (reasoning !== '' && this.#open?.block === 'reasoning' && this.#thought === '')
          this.#ways.set(index, 'thought');
        else this.#ways.set(index, this.#anew(open, out));
        return;
      case 'redacted':
        this.#ways.set(index, text === '' ? this.#anew(open, out) : 'out');
        return;
      default:
        this.#flush(out);
        this.#ways.set(index, this.#anew(open, out));
    }
  }

  #text(delta: Extract<Delta, { kind: 'text' }>, out: EventOut): void {
    const way = this.#ways.get(delta.index);
    if (way === 'text') {
      const text = this.#matcher.take(delta.text);
      // How likely the tokens were goes with the whole of them.
      if (text === delta.text) this.#say(delta, out);
      else this.#say({ text }, out);
    } else if (way === 'thought') this.#think(delta, out);
    else if (typeof way === 'number') this.#encoder.encode({ ...delta, index: way }, out);
  }

  #say(said: Pick<Extract<Delta, { kind: 'text' }>, 'text' | 'logprobs'>, out: EventOut): void {
    if (said.text === '') return;
    if (this.#open?.block !== 'text') {
      const index = this.#anew({ kind: 'open', index: 0, block: 'text' }, out);
      this.#open = { index, block: 'text' };
    }
    this.#spoke = true;
    const { text, logprobs } = said;
    const { index } = this.#open!;
    this.#encoder.encode({ kind: 'text', index, text, ...(logprobs && { logprobs }) }, out);
  }

  /** What is cited for text that the client had may have been cited to it: only what comes behind new text is told. */
  #cite({ index, citation }: Extract<Delta, { kind: 'citation' }>, out: EventOut): void {
    const way = this.#ways.get(index);
    if (typeof way === 'number') this.#encoder.encode({ kind: 'citation', index: way, citation }, out);
    if (way !== 'text' || !this.#spoke || this.#open?.block !== 'text') return;
    const { range } = citation;
    const by = this.#options.whole ? 0 : this.#position.text.length;
    const moved = range === null ? null : { start: range.start + by, end: range.end + by };
    this.#encoder.encode(
      { kind: 'citation', index: this.#open.index, citation: { ...citation, range: moved } },
      out,
    );
  }

  /** Reasoning that begins as the client's did stays in its block; any other is told anew. */
  #think({ index, text }: Extract<Delta, { kind: 'text' }>, out: EventOut): void {
    const { reasoning } = this.#position;
    this.#thought += text;
    if (reasoning.startsWith(this.#thought)) return;
    let way = this.#open!.index;
    let rest = this.#thought.slice(reasoning.length);
    if (!this.#thought.startsWith(reasoning)) {
      way = this.#anew({ kind: 'open', index, block: 'reasoning' }, out);
      rest = this.#thought;
    }
    this.#ways.set(index, way);
    this.#encoder.encode({ kind: 'text', index: way, text: rest }, out);
  }

  #close(index: number, out: EventOut): void {
    const way = this.#ways.get(index);
    this.#ways.delete(index);
    if (typeof way !== 'number') return;
    this.#encoder.encode({ kind: 'close', index: way }, out);
    if (this.#open?.index === way) this.#open = null;
  }

  /** A block of the client's behind all others. @returns its index. */
  #anew(open: Open, out: EventOut): number {
    this.#closeOpen(out);
    const index = this.#next++;
    this.#encoder.encode({ ...open, index }, out);
    return index;
  }

  #flush(out: EventOut): void {
    this.#say({ text: this.#matcher.end() }, out);
  }

  #closeOpen(out: EventOut): void {
    if (this.#open === null) return;
    this.#encoder.encode({ kind: 'close', index: this.#open.index }, out);
    this.#open = null;
  }
}

/**
 * What a client received, in tokens: the prompt once, and the answer whole.
 *
 * @param whole it was asked for all of it.
 * @param told what the part it had was said to have used by who made it; null = nothing.
 * @param said tokens of that part, about.
 */
export function usageReceived(
  position: Position,
  whole: boolean,
  matcher: Matcher,
  told: Usage | null,
  said: number,
): (usage: Usage) => Usage {
  if (whole) return (usage) => usage;
  const had = Math.max(told?.output ?? 0, said);
  // Only what was said aloud stood in the request of who goes on.
  const repeated = Math.round(had * spoken(position));
  return (usage) => ({
    ...usage,
    input: told?.input ?? withoutBeginning(usage.input, repeated),
    output: usage.output === null || matcher.anew ? usage.output : usage.output + had,
  });
}

/** Input tokens less those of the answer's beginning, where a provider counts that in. */
function withoutBeginning(input: number | null, beginning: number): number | null {
  return input !== null && input > beginning ? input - beginning : input;
}

/** The part of what was told that is text of the answer, not reasoning; 0 to 1. */
function spoken({ deltas, text }: Position): number {
  let all = 0;
  for (const delta of deltas) if (delta.kind === 'text') all += delta.text.length;
  return all === 0 ? 0 : text.length / all;
}

/** The error of an answer that does not go on. */
export function isDiverged(error: GatewayError): boolean {
  return error.code === 'GW_UPSTREAM_DIVERGED';
}
