// Looks at what goes to a client that reads of a batch: its object, or its results line by line. The client's bytes are not touched,
// and wait for nothing.
import type { Call, SinkDecorator } from '../../contracts/call.ts';
import type { Dialect } from '../../contracts/dialect.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import { ForwardingSink } from '../../contracts/forwarding-sink.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import type { OperationName } from '../../contracts/operation.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';
import type { BatchCharges } from './batch-charges.ts';
import { batchUse } from './batch-object.ts';
import { resultOf } from './batch-result.ts';
import { BatchSums } from './batch-sums.ts';
import { LongLine } from './long-line.ts';

/** Operations by which batches, and files of their results, are read. */
export const BATCH_READS: ReadonlySet<OperationName> = new Set([
  'batch',
  'message-batch',
  'batch-results',
  'file-content',
  'passthrough',
]);

/** Results that are charged as one: a client that leaves before the end has not read more than so many for nothing. */
const PART_LINES = 500;
/** A line that is longer is not kept as it is: it holds pictures, sound or vectors. */
const KEPT_LINE_BYTES = 256 * 1024;
const LF = 10;
/** Paths at a provider, where they are a client's own to write. */
const FILE = /(?:^|\/)(files\/[^/:?]+)(?:\/content|:download)/;
const RESULTS = /(?:^|\/)batches\/([^/:?]+)\/results/;
const OBJECT = /(?:^|\/)batches\/([^/:?]+)\/?$/;

export interface BatchSinkDeps {
  readonly charges: BatchCharges;
  dialect(name: DialectName): Dialect;
}

export function createBatchSink({ charges, dialect }: BatchSinkDeps): SinkDecorator {
  return (sink, call) => {
    const reads = call.head.method === 'GET' ? readOf(call) : null;
    return reads === null ? sink : new BatchSink(sink, call, reads, charges, dialect);
  };
}

/** Id of what is read; '' = a batch itself, or a list of them. Null: something else. */
function readOf({ operation, params }: Call): string | null {
  const id = params['id'];
  switch (operation?.name) {
    case 'batch':
      // A list of them as well: it has what each used.
      return '';
    case 'message-batch':
      return id === undefined ? null : '';
    case 'batch-results':
      return id ?? null;
    case 'file-content':
      // What is in a file of a container no batch wrote there.
      return params['item'] === undefined ? (id ?? null) : null;
    default: {
      const rest = params['rest'] ?? '';
      const results = FILE.exec(rest) ?? RESULTS.exec(rest);
      // Google's have their kind in their name.
      if (results !== null) return results[1]!.replace(/^files\/(?=file-)/, '');
      return OBJECT.test(rest) ? '' : null;
    }
  }
}

class BatchSink extends ForwardingSink {
  readonly #call: Call;
  readonly #id: string;
  readonly #charges: BatchCharges;
  readonly #dialect: (name: DialectName) => Dialect;
  readonly #sums: BatchSums;
  #reads = false;
  /** The line that has not ended. */
  #line: Buffer[] = [];
  #lineBytes = 0;
  /** What is left of it where it is long; null = it is not. */
  #long: LongLine | null = null;
  #lines = 0;
  #part = 0;

  constructor(
    sink: Sink,
    call: Call,
    id: string,
    charges: BatchCharges,
    dialect: (name: DialectName) => Dialect,
  ) {
    super(sink);
    this.#call = call;
    this.#id = id;
    this.#charges = charges;
    this.#dialect = dialect;
    this.#sums = new BatchSums((model) => charges.priceOf(call, model));
  }

  override reply(status: number, headers: HeaderList, body: Buffer | string): void {
    super.reply(status, headers, body);
    if (status !== 200) return;
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    if (this.#id === '') this.#object(bytes);
    else {
      this.#read(bytes);
      this.#over();
    }
  }

  override start(status: number, headers: HeaderList): void {
    this.#reads = status === 200 && this.#id !== '';
    super.start(status, headers);
  }

  override chunk(bytes: Buffer | string): boolean {
    if (this.#reads) this.#read(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes));
    return super.chunk(bytes);
  }

  override end(): void {
    super.end();
    if (this.#reads) this.#over();
  }

  #object(bytes: Buffer): void {
    let object: unknown;
    try {
      object = JSON.parse(bytes.toString('utf8'));
    } catch {
      return;
    }
    if (typeof object !== 'object' || object === null || Array.isArray(object)) return;
    const { object: kind, data } = object as JsonObject; // as JSON has them
    const told: readonly Json[] = kind === 'list' && Array.isArray(data) ? data : [object as JsonObject];
    for (const [nth, one] of told.entries()) {
      if (typeof one !== 'object' || one === null || Array.isArray(one)) continue;
      const use = batchUse(one as JsonObject, this.#dialect); // what JSON.parse makes has no other objects
      if (use === null) continue;
      for (const result of use.results) this.#sums.add(result, use.requests);
      void this.#charges.charge(this.#call, use.id, 'told', null, this.#sums.take(), nth);
    }
  }

  #read(bytes: Buffer): void {
    let from = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, from)) {
      this.#add(bytes.subarray(from, end));
      this.#ended();
      from = end + 1;
    }
    // Kept beyond this turn, in which the bytes are ours.
    if (from < bytes.length) this.#add(Buffer.from(bytes.subarray(from)));
  }

  #add(piece: Buffer): void {
    if (this.#long !== null) {
      this.#long.add(piece);
      return;
    }
    this.#line.push(piece);
    this.#lineBytes += piece.length;
    if (this.#lineBytes <= KEPT_LINE_BYTES) return;
    this.#long = new LongLine();
    for (const before of this.#line) this.#long.add(before);
    this.#line = [];
  }

  #ended(): void {
    const line = this.#long === null ? joined(this.#line) : this.#long.take();
    this.#line = [];
    this.#lineBytes = 0;
    this.#long = null;
    const result = line === null ? null : resultOf(line, this.#dialect);
    if (result !== null) this.#sums.add(result);
    this.#lines++;
    if (this.#lines % PART_LINES === 0) this.#charge();
  }

  #over(): void {
    this.#ended();
    this.#charge();
  }

  #charge(): void {
    void this.#charges.charge(this.#call, this.#id, 'read', this.#part++, this.#sums.take());
  }
}

/** The pieces of a line; null = there are none. */
function joined(pieces: readonly Buffer[]): Buffer | null {
  if (pieces.length <= 1) return pieces[0] ?? null;
  return Buffer.concat(pieces);
}
