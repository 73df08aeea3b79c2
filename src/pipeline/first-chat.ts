// POST /v1/chat and /v1/generate of Cohere: asked in the words of its second API from here on, and answered in those of the first next to the client, so
// that caches, guardrails and everybody else know one form alone.
import { StringDecoder } from 'node:string_decoder';
import { parseLossless, stringifyJson } from '../body/lossless.ts';
import type { BodyFacts } from '../contracts/body.ts';
import type { Call, SinkDecorator, Stage } from '../contracts/call.ts';
import { ForwardingSink } from '../contracts/forwarding-sink.ts';
import type { JsonObject } from '../contracts/json.ts';
import type { HeaderList, Sink } from '../contracts/sink.ts';
import { FirstStream, firstAnswer } from '../dialects/cohere/first-answer.ts';
import { type FirstAsked, secondOfGenerate, secondRequest } from '../dialects/cohere/first-request.ts';
import { parseObject } from '../dialects/lenient.ts';

/** Paths of the first API, and how each is said in the second. */
const FIRST: ReadonlyMap<string, typeof secondRequest> = new Map([
  ['/v1/chat', secondRequest],
  ['/v1/generate', secondOfGenerate],
]);

export interface FirstChat {
  /** Replaces the body of a call that asks so. */
  stage: Stage;
  /** To stand next to the client. */
  decorate: SinkDecorator;
}

export function createFirstChat(inspect: (body: Buffer) => BodyFacts): FirstChat {
  const asked = new WeakMap<Call, FirstAsked>();
  return {
    stage: (call) => {
      // What is asked once more for a cache is in the second's words already.
      if (call.route.dialect !== 'cohere' || call.repeats) return 'continue';
      const inSecond = FIRST.get(call.route.template);
      if (inSecond === undefined) return 'continue';
      const first = parseLossless(call.body!.toString('utf8'), call.facts!.exoticNumbers) as JsonObject; // it was inspected
      const second = inSecond(first);
      const body = Buffer.from(stringifyJson(second.body));
      call.facts = inspect(body);
      call.body = body;
      asked.set(call, second.asked);
      return 'continue';
    },
    decorate: (sink, call) =>
      call.route.dialect === 'cohere' && FIRST.has(call.route.template)
        ? new FirstSink(sink, call, () => asked.get(call))
        : sink,
  };
}

const LINES = 'application/stream+json';

/** What an answer is made of; absent: the request was none. */
type Asked = () => FirstAsked | undefined;

class FirstSink extends ForwardingSink {
  readonly #call: Call;
  readonly #asked: Asked;
  /** Null: what is streamed goes on as it is. */
  #stream: FirstStream | null = null;
  readonly #decoder = new StringDecoder('utf8');
  /** The beginning of a line. */
  #line = '';
  /** Its client wants Server-Sent Events; else a line is an event. */
  readonly #sse: boolean;

  constructor(sink: Sink, call: Call, asked: Asked) {
    super(sink);
    this.#call = call;
    this.#asked = asked;
    const { headers } = call.head;
    // Its SDKs have a header of their own for that.
    const accepts = `${headers.get('accept') ?? ''},${headers.get('accepts') ?? ''}`;
    this.#sse = accepts.includes('text/event-stream');
  }

  override reply(status: number, headers: HeaderList, body: Buffer | string): void {
    const asked = this.#asked();
    if (status >= 300 || asked === undefined) {
      super.reply(status, headers, body);
      return;
    }
    if (isEvents(headers)) {
      // A stream that is there as a whole.
      const stream = new FirstStream(asked);
      super.reply(status, this.#head(headers), this.#told(stream, body));
      return;
    }
    const answer = parseObject(body.toString('utf8'));
    super.reply(status, headers, answer === null ? body : stringifyJson(firstAnswer(answer, asked)));
  }

  override start(status: number, headers: HeaderList): void {
    const asked = this.#asked();
    const tells = status < 300 && asked !== undefined && this.#call.stream;
    if (tells) this.#stream = new FirstStream(asked);
    super.start(status, tells ? this.#head(headers) : headers);
  }

  override chunk(bytes: Buffer | string): boolean {
    if (this.#stream === null) return super.chunk(bytes);
    const text = this.#told(this.#stream, bytes);
    return text === '' ? true : super.chunk(text);
  }

  #head(headers: HeaderList): HeaderList {
    if (this.#sse) return headers;
    return headers.map(([name, value]) => [name, name === 'content-type' ? LINES : value] as const);
  }

  #told(stream: FirstStream, bytes: Buffer | string): string {
    const lines = (this.#line + (Buffer.isBuffer(bytes) ? this.#decoder.write(bytes) : bytes)).split('\n');
    this.#line = lines.pop()!;
    let text = '';
    for (const line of lines) {
      if (!line.startsWith('data:')) continue;
      const event = parseObject(line.slice(5));
      if (event !== null) for (const told of stream.take(event)) text += this.#frame(told);
    }
    return text;
  }

  #frame(event: JsonObject): string {
    const text = stringifyJson(event);
    return this.#sse ? `event: ${String(event['event_type'])}\ndata: ${text}\n\n` : `${text}\n`;
  }
}

function isEvents(headers: HeaderList): boolean {
  return headers.some(([name, value]) => name === 'content-type' && value.startsWith('text/event-stream'));
}
