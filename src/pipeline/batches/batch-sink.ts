// Looks at what goes to a client that reads of a batch: its object, or its results line by line. The client's bytes are not touched,
// and wait for nothing.
import type { Call, SinkDecorator } from '../../contracts/call.ts';
import { ForwardingSink } from '../../contracts/forwarding-sink.ts';
import type { OperationName } from '../../contracts/operation.ts';
import type { HeaderList, Sink } from '../../contracts/sink.ts';
import { parseObject } from '../../dialects/lenient.ts';
import { asRead } from '../raw/raw-address.ts';
import { BatchReader, type BatchReaderDeps } from './batch-reader.ts';

/** Operations by which batches, and files of their results, are read. */
export const BATCH_READS: ReadonlySet<OperationName> = new Set([
  'batch',
  'message-batch',
  'batch-results',
  'file-content',
  'passthrough',
]);

/** Paths at a provider, where they are a client's own to write. */
const FILE = /(?:^|\/)(files\/[^/:?]+)(?:\/content|:download)/;
const RESULTS = /(?:^|\/)batches\/([^/:?]+)\/results/;
/** A batch, or the list of them. */
const OBJECTS = /(?:^|\/)(?:batches|batch\/jobs)(?:\/[^/:?]+)?\/?$/;

export function createBatchSink(deps: BatchReaderDeps): SinkDecorator {
  return (sink, call) => {
    const reads = call.head.method === 'GET' ? readOf(call) : null;
    return reads === null ? sink : new BatchSink(sink, reads, new BatchReader(deps, call, reads));
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
      const rest = asRead(params['rest'] ?? '');
      const results = FILE.exec(rest) ?? RESULTS.exec(rest);
      // Google's have their kind in their name.
      if (results !== null) return results[1]!.replace(/^files\/(?=file-)/, '');
      return OBJECTS.test(rest) ? '' : null;
    }
  }
}

class BatchSink extends ForwardingSink {
  readonly #id: string;
  readonly #reader: BatchReader;
  #reads = false;

  constructor(sink: Sink, id: string, reader: BatchReader) {
    super(sink);
    this.#id = id;
    this.#reader = reader;
  }

  override reply(status: number, headers: HeaderList, body: Buffer | string): void {
    super.reply(status, headers, body);
    if (status !== 200) return;
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    if (this.#id !== '') {
      this.#reader.read(bytes);
      void this.#reader.over();
      return;
    }
    const object = parseObject(bytes.toString());
    if (object !== null) void this.#reader.object(object);
  }

  override start(status: number, headers: HeaderList): void {
    this.#reads = status === 200 && this.#id !== '';
    super.start(status, headers);
  }

  override chunk(bytes: Buffer | string): boolean {
    if (this.#reads) this.#reader.read(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes));
    return super.chunk(bytes);
  }

  override end(): void {
    super.end();
    if (this.#reads) void this.#reader.over();
  }
}
