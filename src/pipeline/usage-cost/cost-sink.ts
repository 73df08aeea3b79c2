// What a call cost in the usage its client is told, next to the client: neither caches nor logs of bodies see it, and each of those
// who share an answer is told its own part.
import type { Call, SinkDecorator } from '../../contracts/call.ts';
import { ForwardingSink } from '../../contracts/forwarding-sink.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';
import { usdText } from '../../prices/usd-text.ts';
import { namesUsage, withCost } from './cost-place.ts';
import { mayWantCost, wantsCost } from './wants-cost.ts';

export const tellCost: SinkDecorator = (sink, call) => (mayWantCost(call) ? new CostSink(sink, call) : sink);

/** A line of a stream beyond this is handed on as it is: no usage is so long. */
const MAX_LINE_BYTES = 1_048_576;
const NONE = Buffer.alloc(0);
const LF = 10;
const DATA = 'data:';
const COST = 'x-headgate-cost-usd';
const PARTS = 'x-headgate-parts';

class CostSink extends ForwardingSink {
  readonly #call: Call;
  /** It is a stream of lines, and its client wants to be told. */
  #reads = false;
  /** Made of several calls': what it cost stands in its head, where that is known. */
  #joined = false;
  #joinedCost: string | null = null;
  /** The beginning of a line. */
  #carry: Buffer = NONE;
  /** The rest of a long line goes on as it is. */
  #long = false;
  #wide = true;

  constructor(sink: Sink, call: Call) {
    super(sink);
    this.#call = call;
  }

  override reply(status: number, headers: HeaderList, body: Buffer | string): void {
    super.reply(status, headers, this.#told(status, headers, body));
  }

  override start(status: number, headers: HeaderList): void {
    const type = headerOf(headers, 'content-type') ?? '';
    this.#reads = status < 300 && type.startsWith('text/event-stream') && wantsCost(this.#call);
    this.#joined = headerOf(headers, PARTS) !== null;
    if (this.#joined) this.#joinedCost = headerOf(headers, COST);
    super.start(status, headers);
  }

  override chunk(bytes: Buffer | string): boolean {
    if (!this.#reads) return super.chunk(bytes);
    const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
    const plain = this.#carry.length === 0 && !this.#long && buffer.at(-1) === LF && !namesUsage(buffer);
    return plain ? this.#pass(buffer) : this.#read(buffer);
  }

  override end(): void {
    if (this.#carry.length > 0) this.#pass(this.#carry);
    this.#carry = NONE;
    super.end();
  }

  #told(status: number, headers: HeaderList, body: Buffer | string): Buffer | string {
    if (status >= 300 || !/\bjson\b/.test(headerOf(headers, 'content-type') ?? '')) return body;
    const call = this.#call;
    if (!wantsCost(call)) return body;
    // Of one that is made of several calls' there are no attempts, and it did cost something.
    const free = call.attempts.length === 0 && headerOf(headers, PARTS) === null;
    const cost = headerOf(headers, COST) ?? (free ? '0' : null);
    if (cost === null) return body;
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    return withCost(bytes, call.route.dialect, 'whole', cost) ?? body;
  }

  #pass(bytes: Buffer): boolean {
    return (this.#wide = super.chunk(bytes));
  }

  #read(buffer: Buffer): boolean {
    const all = this.#carry.length === 0 ? buffer : Buffer.concat([this.#carry, buffer]);
    const pieces: Buffer[] = [];
    let from = 0;
    for (let end = all.indexOf(LF); end !== -1; end = all.indexOf(LF, from)) {
      const line = all.subarray(from, end + 1);
      pieces.push(this.#long ? line : this.#line(line));
      this.#long = false;
      from = end + 1;
    }
    this.#carry = all.subarray(from);
    if (this.#long || this.#carry.length > MAX_LINE_BYTES) {
      pieces.push(this.#carry);
      this.#carry = NONE;
      this.#long = true;
    }
    const out = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    return out.length === 0 ? this.#wide : this.#pass(out);
  }

  #line(line: Buffer): Buffer {
    if (!namesUsage(line) || line.toString('latin1', 0, DATA.length) !== DATA) return line;
    const cost = this.#joined ? this.#joinedCost : this.#soFar();
    if (cost === null) return line;
    const told = withCost(line.subarray(DATA.length), this.#call.route.dialect, 'event', cost);
    return told === null ? line : Buffer.concat([line.subarray(0, DATA.length), told]);
  }

  #soFar(): string | null {
    const { costSoFar, attempts } = this.#call;
    const nano = costSoFar === null ? (attempts.length === 0 ? 0 : null) : costSoFar();
    return nano === null ? null : usdText(nano);
  }
}

function headerOf(headers: HeaderList, name: string): string | null {
  return headers.find(([one]) => one.toLowerCase() === name)?.[1] ?? null;
}
