// An answer of a model that runs code names the container it ran in, and files that it made: they belong to who asked, and are told so to
// those who know whose things are before the client hears of them.
import type { Call } from '../contracts/call.ts';
import { ForwardingSink } from '../contracts/forwarding-sink.ts';
import type { ObjectBook } from '../contracts/objects.ts';
import type { HeaderList, Sink } from '../contracts/sink.ts';
import { MADE_SPAN, madeInAnswer, mayTellOfMade } from '../names/made-names.ts';

/** Tools that run code: `code_interpreter`, `code_execution_20250825`; a container that is asked for; a shell in one. */
const TOOLS = ['"code_', '"container', '"shell"'] as const;
const DIALECTS: ReadonlySet<string> = new Set(['openai-responses', 'anthropic']);

/** Whether its answer may name what is made for it. */
export function mayMake({ body, facts, operation, route }: Call): boolean {
  if (body === null || facts === null || operation!.name !== 'chat' || !DIALECTS.has(route.dialect))
    return false;
  // A stored prompt brings its own tools.
  return facts.model === null || (facts.hasTools && TOOLS.some((name) => body.includes(name)));
}

export class MadeSink extends ForwardingSink {
  readonly #call: Call;
  readonly #book: Pick<ObjectBook, 'claim'>;
  /** Known already: what its request names was there before it. */
  readonly #told: Set<string>;
  /** End of what went by: a name may be cut in two. */
  #tail = '';

  /** @param named what its request names. */
  constructor(sink: Sink, call: Call, book: Pick<ObjectBook, 'claim'>, named: readonly string[]) {
    super(sink);
    this.#call = call;
    this.#book = book;
    this.#told = new Set(named);
  }

  override reply(status: number, headers: HeaderList, body: Buffer | string): void {
    this.#see(body);
    super.reply(status, headers, body);
  }

  override chunk(bytes: Buffer | string): boolean {
    this.#see(bytes);
    return super.chunk(bytes);
  }

  #see(bytes: Buffer | string): void {
    const { principal, provider, attempts } = this.#call;
    // An answer that another call got, or that was kept, was seen there.
    if (attempts.length === 0) return;
    const text = this.#tail + bytes.toString('latin1');
    this.#tail = text.slice(-MADE_SPAN);
    if (!mayTellOfMade(text)) return;
    for (const id of madeInAnswer(text)) {
      if (this.#told.has(id)) continue;
      this.#told.add(id);
      this.#book.claim(id, { owner: principal!.id, provider });
    }
  }
}
