// Looks at what goes to a client that reads of a batch: its object, or its results line by line. The client's bytes are not touched,
// and wait for nothing.
import type { Call, SinkDecorator } from '../../contracts/call.ts';
import type { Dialect } from '../../contracts/dialect.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import { ForwardingSink } from '../../contracts/forwarding-sink.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { OperationName } from '../../contracts/operation.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';
import type { BatchCharges } from './batch-charges.ts';
import { batchUse } from './batch-object.ts';
import { resultOf } from './batch-result.ts';
import { BatchSums } from './batch-sums.ts';

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
/** A line that is longer is not read: it holds pictures or sound. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;
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

/** Id of what is read; '' = a batch itself. Null: something else. */
function readOf({ operation, params }: Call): string | null {
  const id = params['id'];
  switch (operation?.name) {
    case 'batch':
    case 'message-batch':
      return id === undefined ? null : '';
    case 'batch-results':
    case 'file-content':
      return id ?? null;
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
  /** The line that has not ended; null = it is too long. */
  #line: Buffer[] | null = [];
  #lineBytes = 0;
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
    const use = batchUse(object as JsonObject, this.#dialect); // as JSON has them
    if (use === null) return;
    for (const result of use.results) this.#sums.add(result, use.requests);
    void this.#charges.charge(this.#call, use.id, 'told', null, this.#sums.take());
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
    if (this.#line === null) return;
    this.#lineBytes += piece.length;
    if (this.#lineBytes > MAX_LINE_BYTES) this.#line = null;
    else this.#line.push(piece);
  }

  #ended(): void {
    const pieces = this.#line;
    this.#line = [];
    this.#lineBytes = 0;
    if (pieces !== null && pieces.length > 0) {
      const line = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
      const result = resultOf(line, this.#dialect);
      if (result !== null) this.#sums.add(result);
    }
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
