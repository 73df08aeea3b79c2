// Neutral deltas into chat.completion.chunk messages: one role chunk first, the same id, created and model in all, the
// usage chunk only for a client that asked, and exactly `data: [DONE]` at the end. Clients of vendors who do it otherwise get it so.
import type { Delta, TokenLogprob, Usage } from '../../contracts/chat.ts';
import type { Citation } from '../../contracts/citation.ts';
import type { AnswerContext, StreamEncoder } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { EventOut } from '../../contracts/framing.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { mergeUsage } from '../merge-usage.ts';
import { ArgumentRoom } from '../tool-arguments.ts';
import { ANY_TOOL_ID, ToolIds } from '../tool-ids.ts';
import { chatId } from './answer-id.ts';
import { writeAnnotation } from './annotations.ts';
import { writeCallProof } from './call-proofs.ts';
import { writeChances } from './choice-logprobs.ts';
import { writeDetail } from './reasoning.ts';
import { encodeStop } from './stop-reason.ts';
import { type UsageAtEnd, usageAtEnd } from './usage-at-end.ts';
import { writeUsage } from './usage.ts';

/** A block that is open: what its deltas become. */
type Block =
  | { kind: 'text'; choice: Choice; from: number; citations: Citation[] | null }
  | { kind: 'refusal'; choice: Choice }
  | { kind: 'tool'; choice: Choice; call: number; custom: boolean; whole: WholeCall | null }
  | { kind: 'reasoning'; choice: Choice; text: string; signature: string };

/** A call that is told when it is whole. */
interface WholeCall {
  readonly entry: JsonObject;
  /** Pieces of its arguments so far. */
  text: string;
  readonly room: ArgumentRoom;
}

/** One of the answers, as far as it was told. */
class Choice {
  readonly index: number;
  /** Characters of its content. */
  chars = 0;
  calls = 0;
  details = 0;
  refused = false;
  /** A proof without text whose block closed last: of the call, if one opens next. */
  hung: string | null = null;

  constructor(index: number) {
    this.index = index;
  }
}

const ROLE = '{"role":"assistant","content":""}';

/** An encoder for one stream. @throws GatewayError GW_UPSTREAM_TOO_LARGE when too much waits for a tool call to be whole. */
export function createEncoder(context: AnswerContext): StreamEncoder {
  return new ChatEncoder(context);
}

class ChatEncoder implements StreamEncoder {
  readonly #context: AnswerContext;
  readonly #blocks = new Map<number, Block>();
  /** `"id":…,"object":…,"created":…,"model":…,` of every chunk; '' before the start. */
  #head = '';
  /** The id of every chunk, as JSON. */
  #id = '';
  readonly #tail: string;
  readonly #ids: ToolIds;
  readonly #first = new Choice(0);
  /** The answers behind the first; null while there are none. */
  #others: Map<number, Choice> | null = null;
  #usage: Usage | null = null;
  /** Null: the usage has a chunk of its own, or none. */
  readonly #atEnd: UsageAtEnd | null;
  /** What is left for calls that wait to be whole; null = none does. */
  readonly #room: ArgumentRoom | null;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#ids = new ToolIds(ANY_TOOL_ID, context.toolIds);
    this.#atEnd = usageAtEnd(context);
    this.#room = context.habits?.wholeCalls === true ? new ArgumentRoom() : null;
    this.#tail = context.includeUsage ? ',"usage":null}' : '}';
  }

  encode(delta: Delta, out: EventOut): void {
    switch (delta.kind) {
      case 'start':
        this.#start(delta.id, delta.model, delta.created, delta.usage, out);
        return;
      case 'open':
        this.#begin(out);
        this.#open(delta, out);
        return;
      case 'text':
        this.#text(delta.index, delta.text, delta.logprobs, out);
        return;
      case 'signature': {
        const block = this.#blocks.get(delta.index);
        if (block?.kind === 'reasoning') block.signature += delta.signature;
        return;
      }
      case 'citation': {
        const block = this.#blocks.get(delta.index);
        if (block?.kind === 'text') (block.citations ??= []).push(delta.citation);
        return;
      }
      case 'arguments': {
        const block = this.#blocks.get(delta.index);
        if (block?.kind !== 'tool') return;
        if (block.whole !== null) {
          if (!block.whole.room.take(delta.text)) throw new GatewayError('GW_UPSTREAM_TOO_LARGE');
          block.whole.text += delta.text;
          return;
        }
        const text = JSON.stringify(delta.text);
        const piece = block.custom ? `"custom":{"input":${text}}` : `"function":{"arguments":${text}}`;
        this.#chunk(out, block.choice, `{"tool_calls":[{"index":${block.call},${piece}}]}`);
        return;
      }
      case 'close':
        this.#close(delta.index, out);
        return;
      case 'stop': {
        this.#begin(out);
        const choice = this.#choice(delta.choice, out);
        this.#stop(out, choice, `"${encodeStop(delta.reason, choice.refused)}"`);
        return;
      }
      case 'usage':
        this.#usage = mergeUsage(this.#usage, delta.usage);
        return;
      case 'ping': // comments broke known clients of this dialect (wire.md 7.11)
        return;
      case 'end':
        this.#usageChunk(out);
        out.emit('', '[DONE]');
    }
  }

  fits(_index: number, data: string): boolean {
    return this.#id !== '' && (data.includes(`"id":${this.#id}`) || data.includes(`"id": ${this.#id}`));
  }

  passed(index: number, text: string): void {
    const block = this.#blocks.get(index);
    (block?.choice ?? this.#first).chars += text.length;
  }

  #start(id: string, model: string, created: number | null, usage: Usage | null, out: EventOut): void {
    this.#usage = mergeUsage(this.#usage, usage);
    if (this.#head !== '') return;
    const { model: asked, now } = this.#context;
    const own = chatId(id, this.#context);
    this.#id = JSON.stringify(own);
    const names = JSON.stringify({
      id: own,
      object: 'chat.completion.chunk',
      created: created ?? Math.floor(now),
      model: model === '' ? asked : model,
    });
    this.#head = `${names.slice(0, -1)},"choices":[`;
    this.#chunk(out, this.#first, ROLE);
  }

  #choice(index: number | undefined, out: EventOut): Choice {
    if (index === undefined || index === 0) return this.#first;
    this.#others ??= new Map();
    let choice = this.#others.get(index);
    if (choice === undefined) {
      choice = new Choice(index);
      this.#others.set(index, choice);
      this.#chunk(out, choice, ROLE);
    }
    return choice;
  }

  // A source that does not announce itself still gets exactly one role chunk.
  #begin(out: EventOut): void {
    if (this.#head === '') this.#start('', '', null, null, out);
  }

  #open(delta: Delta & { kind: 'open' }, out: EventOut): void {
    const choice = this.#choice(delta.choice, out);
    const { hung } = choice;
    choice.hung = null;
    switch (delta.block) {
      case 'tool_call': {
        const call = choice.calls++;
        const { name, custom = false } = delta;
        const id = this.#ids.take(delta.id);
        const entry: JsonObject = custom
          ? { index: call, id, type: 'custom', custom: { name, input: '' } }
          : { index: call, id, type: 'function', function: { name, arguments: '' } };
        writeCallProof(entry, hung);
        const whole = custom || this.#room === null ? null : { entry, text: '', room: this.#room };
        this.#blocks.set(delta.index, { kind: 'tool', choice, call, custom, whole });
        if (whole === null) this.#chunk(out, choice, `{"tool_calls":[${JSON.stringify(entry)}]}`);
        return;
      }
      case 'redacted':
        this.#detail(choice, { text: '', signature: null, redacted: delta.data }, out);
        return;
      case 'reasoning':
        this.#blocks.set(delta.index, { kind: 'reasoning', choice, text: '', signature: '' });
        return;
      default:
        this.#blocks.set(
          delta.index,
          delta.block === 'text'
            ? { kind: 'text', choice, from: choice.chars, citations: null }
            : { kind: 'refusal', choice },
        );
    }
  }

  #text(index: number, text: string, logprobs: TokenLogprob[] | undefined, out: EventOut): void {
    if (text === '' && logprobs === undefined) return;
    const block = this.#blocks.get(index);
    const choice = block?.choice ?? this.#first;
    const json = JSON.stringify(text);
    if (block?.kind === 'refusal') {
      choice.refused = true;
      this.#chunk(out, choice, `{"refusal":${json}}`);
      return;
    }
    if (block?.kind !== 'reasoning') {
      choice.chars += text.length;
      const chances = logprobs === undefined ? '' : `"logprobs":${JSON.stringify(writeChances(logprobs))},`;
      this.#chunk(out, choice, `{"content":${json}}`, chances);
      return;
    }
    block.text += text;
    this.#chunk(out, choice, `{"reasoning_content":${json}}`);
  }

  // A signed block is repeated whole: a client that returns the entry needs nothing else.
  #close(index: number, out: EventOut): void {
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    if (block?.kind === 'tool' && block.whole !== null) this.#wholeCall(block.choice, block.whole, out);
    if (block?.kind === 'text' && block.citations !== null) {
      const { choice, from, citations } = block;
      const annotations = citations
        .map((citation) => writeAnnotation(citation, from, choice.chars - from))
        .filter((annotation) => annotation !== null);
      if (annotations.length > 0) this.#chunk(out, choice, `{"annotations":${JSON.stringify(annotations)}}`);
    }
    if (block?.kind !== 'reasoning' || block.signature === '') return;
    const { choice, text, signature } = block;
    this.#detail(choice, { text, signature, redacted: null }, out);
    if (text === '') choice.hung = signature;
  }

  #wholeCall(choice: Choice, { entry, text }: WholeCall, out: EventOut): void {
    const { name } = entry['function'] as JsonObject; // as it was opened
    const call = { ...entry, function: { name, arguments: text === '' ? '{}' : text } };
    this.#chunk(out, choice, `{"tool_calls":[${JSON.stringify(call)}]}`);
  }

  #detail(choice: Choice, part: Parameters<typeof writeDetail>[0], out: EventOut): void {
    const entry: JsonObject = writeDetail(part, choice.details++);
    this.#chunk(out, choice, `{"reasoning_details":[${JSON.stringify(entry)}]}`);
  }

  /** @param chances members of the choice besides, each with its comma. */
  #chunk(out: EventOut, choice: Choice, delta: string, chances = ''): void {
    if (this.#atEnd?.holds === true) out.emit('', this.#atEnd.release());
    out.emit('', this.#textOf(choice, delta, 'null', chances));
  }

  #stop(out: EventOut, choice: Choice, reason: string): void {
    const atEnd = this.#atEnd;
    if (atEnd?.holds === true) out.emit('', atEnd.release());
    const chunk = this.#textOf(choice, '{}', reason, '');
    if (atEnd === null) out.emit('', chunk);
    else atEnd.hold(chunk);
  }

  #textOf({ index }: Choice, delta: string, finish: string, chances: string): string {
    return `${this.#head}{"index":${index},"delta":${delta},${chances}"finish_reason":${finish}}]${this.#tail}`;
  }

  #usageChunk(out: EventOut): void {
    if (this.#atEnd?.holds === true) out.emit('', this.#atEnd.tell(this.#usage));
    if (!this.#context.includeUsage || this.#usage === null) return;
    out.emit('', `${this.#head}],"usage":${JSON.stringify(writeUsage(this.#usage))}}`);
  }
}
