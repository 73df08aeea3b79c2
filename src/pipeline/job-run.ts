// A call on a route of the operator's own: its payload becomes the request of a model before anything else reads it, and what the
// model said becomes the answer, next to the client. In between it is a call like any other.
import type { Call } from '../contracts/call.ts';
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import { GatewayError } from '../contracts/errors.ts';
import { ForwardingSink } from '../contracts/forwarding-sink.ts';
import type { HeaderList, Sink } from '../contracts/sink.ts';
import type { Job, PayloadNote } from '../jobs/job.ts';
import { asGatewayError, type Pipeline } from './pipeline.ts';
import { type Refuser, renderError } from './refuse.ts';

/** Headers that are of the body they came with. */
const OF_BODY = new Set(['content-type', 'content-length', 'content-encoding', 'etag']);

/** Decorators of the flow stand around it: what they keep is what the model said. */
export class JobSink extends ForwardingSink {
  readonly #job: Job;
  readonly #dialect: (name: DialectName) => Dialect;
  readonly #note: PayloadNote = { payload: {} };
  #call: Call | null = null;

  constructor(sink: Sink, job: Job, dialect: (name: DialectName) => Dialect) {
    super(sink);
    this.#job = job;
    this.#dialect = dialect;
  }

  /** The payload is there, in `call.body`. */
  begin(call: Call, pipeline: Pick<Pipeline, 'prove' | 'body'>, refuse: Refuser): void {
    this.#call = call;
    pipeline.prove(call, () => {
      // What was signed is the payload: that it was is proven.
      call.prove = null;
      try {
        const coded = call.head.headers.get('content-encoding') ?? 'identity';
        if (coded !== 'identity') throw new GatewayError('GW_CLIENT_MEDIA_TYPE');
        call.body = this.#job.request(call.body!, this.#note);
      } catch (cause) {
        refuse(call, asGatewayError(cause));
        return;
      }
      pipeline.body(call);
    });
  }

  override reply(status: number, headers: HeaderList, body: Buffer | string): void {
    const call = this.#call;
    if (call === null || status < 200 || status >= 300) {
      this.sink.reply(status, headers, body);
      return;
    }
    const kept = headers.filter(([name]) => !OF_BODY.has(name));
    try {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      const text = this.#job.answer(bytes, this.#note, call);
      this.sink.reply(status, [...kept, ['content-type', 'application/json']], text);
    } catch (cause) {
      // The provider answered, and is paid; its answer is nobody's.
      call.unfit = asGatewayError(cause);
      const told = renderError(this.#dialect(call.route.dialect), call.unfit, call.id);
      this.sink.reply(told.status, [...kept, ...told.headers], told.body);
    }
  }
}
