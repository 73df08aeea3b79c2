// SGLang's own service takes and gives Chat Completions as they are, in messages (sglang.runtime.v1.SglangService/ChatComplete): nothing
// of a request is lost. Its older scheduler service takes tokens alone, and is not spoken.
import { type GrpcAnswer, GrpcInBandFault, type GrpcProtocol } from '../../contracts/grpc-provider.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { isObject } from '../../dialects/read.ts';
import { ProtobufWriter } from '../../wire/protobuf.ts';
import { ProtobufFault, ProtobufReader } from '../../wire/protobuf-reader.ts';
import { readNames } from '../model-names.ts';

const SERVICE = '/sglang.runtime.v1.SglangService/';

export function createSglangProtocol(): GrpcProtocol {
  return {
    models: { path: `${SERVICE}ListModels`, message: new Uint8Array(), read: readNames },
    ask(body, id) {
      const writer = new ProtobufWriter();
      // The server's own name of the request, by which it is told to leave it.
      writer.text(1, JSON.stringify({ ...body, rid: id }));
      const message = writer.take();
      writer.text(1, id);
      return {
        path: `${SERVICE}ChatComplete`,
        message,
        answer: new PassedOn(body['stream'] === true),
        abort: { path: `${SERVICE}Abort`, message: writer.take() },
      };
    },
  };
}

/** Chunks go on as they came. */
class PassedOn implements GrpcAnswer {
  readonly #stream: boolean;
  #whole = '';
  #done = false;

  constructor(stream: boolean) {
    this.#stream = stream;
  }

  take(message: Buffer): string {
    const text = plain(chunkOf(message));
    if (text === '') return '';
    if (text === '[DONE]') {
      this.#done = true;
      return '';
    }
    if (this.#whole === '') refuse(text);
    if (this.#stream) {
      // One look at the beginning is enough: what goes wrong later is in the stream's own words.
      this.#whole = '…';
      return `data: ${text}\n\n`;
    }
    this.#whole += text;
    return '';
  }

  get done(): boolean {
    return this.#done;
  }

  end(): string {
    if (this.#stream) return 'data: [DONE]\n\n';
    if (this.#whole === '' && !this.#done) throw new ProtobufFault('there is no answer in it');
    return this.#whole;
  }
}

function chunkOf(message: Buffer): string {
  const reader = new ProtobufReader(message);
  let text = '';
  while (reader.next()) if (reader.field === 1) text = reader.text();
  return text;
}

/** Without what makes an event of it. */
function plain(chunk: string): string {
  return chunk.replace(/^\s*data:\s?/, '').trim();
}

/** @throws GrpcInBandFault when it says that something went wrong, and nothing else. */
function refuse(text: string): void {
  if (!text.includes('"error"') && !text.includes('"message"')) return;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return;
  }
  if (!isObject(value as JsonObject) || 'choices' in (value as JsonObject)) return;
  const stated = value as JsonObject;
  const inner = stated['error'];
  const error = isObject(inner) ? inner : stated;
  const { message, code, type } = error;
  if (typeof message !== 'string') return;
  const status = typeof code === 'number' && code >= 400 && code <= 599 ? code : statusOf(type);
  throw new GrpcInBandFault(status, message);
}

function statusOf(type: unknown): number {
  if (typeof type !== 'string') return 500;
  if (/bad_?request|invalid/i.test(type)) return 400;
  return /not_?found/i.test(type) ? 404 : 500;
}
