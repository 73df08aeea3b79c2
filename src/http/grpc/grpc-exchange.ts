// A call over gRPC and its answer, on one stream of HTTP/2. The request's message comes whole; the answer is what the pipeline says
// in JSON, made messages of, and how it went stands in trailers.
//
//   open ──start / reply──► answering ──end──► trailers ──the stream closed──► over
import { Buffer } from 'node:buffer';
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Peer } from '../../contracts/call.ts';
import type { ClientCertificate } from '../../contracts/client-certificate.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { EventScanner } from '../../contracts/framing.ts';
import { GRPC_CODES } from '../../contracts/grpc.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import { parseObject } from '../../dialects/lenient.ts';
import { GrpcDeframer, GrpcFrameFault, grpcFrame } from '../../wire/grpc.ts';
import { sse } from '../../wire/sse.ts';
import type { ExchangeHost } from '../exchange/exchange.ts';
import { failureOf, failureTrailers } from './grpc-status.ts';
import type { GrpcMethod } from './grpc-routes.ts';
import { GRPC_HEADERS, letGo } from './grpc-stream.ts';
import { MessageAnswer } from '../exchange/message-answer.ts';
import { NodeWriter } from '../exchange/node-writer.ts';

/** An event of ours is never larger than what the byte path lets through. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024;
/** Said by gRPC itself, or of a body that is none here. */
const NOT_METADATA =
  /^(?:content-(?:type|length|encoding)|transfer-encoding|connection|keep-alive|www-authenticate|grpc-.*)$/;
/** What a value of metadata may hold; one with more is left out. */
const ASCII = /^[\x20-\x7e]*$/;

export class GrpcExchange extends MessageAnswer {
  readonly #stream: ServerHttp2Stream;
  readonly #peer: Peer;
  readonly #host: Pick<ExchangeHost, 'now' | 'closed'>;
  readonly #write: GrpcMethod['write'];
  #base: HeaderList = [];
  #id = '';
  #writer: NodeWriter | null = null;
  #scanner: EventScanner | null = null;
  #trailers: OutgoingHttpHeaders = { 'grpc-status': '0' };
  #over = false;
  committed = false;
  /** The client wants JSON beside the fields. */
  includeJson = false;

  /** @param write makes messages of the method. */
  constructor(
    stream: ServerHttp2Stream,
    write: GrpcMethod['write'],
    peer: Peer,
    host: Pick<ExchangeHost, 'now' | 'closed'>,
  ) {
    super(peer);
    this.#stream = stream;
    this.#write = write;
    this.#peer = peer;
    this.#host = host;
    stream.on('wantTrailers', () => stream.sendTrailers(this.#trailers));
    stream.on('close', () => this.#closed());
    // Whatever breaks a stream ends in `close`.
    stream.on('error', ignore);
  }

  get bytesOut(): number {
    return this.#writer?.bytes ?? 0;
  }

  certificate(): ClientCertificate | null {
    return this.#peer.certificate?.() ?? null;
  }

  override setBaseHeaders(id: string, more: HeaderList): void {
    this.#id = id;
    this.#base = [['x-request-id', id], ...more];
  }

  /**
   * Reads the one message of the request. @param failed hears why there is none, instead of `done`.
   */
  readMessage(
    maxBytes: number,
    done: (message: Buffer) => void,
    failed: (error: GatewayError) => void,
  ): void {
    const stream = this.#stream;
    const messages: Buffer[] = [];
    const deframer = new GrpcDeframer(maxBytes, (message) => messages.push(message));
    let over = false;
    const fail = (error: GatewayError): void => {
      over = true;
      failed(error);
    };
    stream.on('data', (piece: Buffer) => {
      if (over || this.#over) return;
      try {
        deframer.push(piece);
      } catch (fault) {
        fail(frameError(fault, maxBytes));
        return;
      }
      if (messages.length > 1) fail(badMessage('The method takes one message.'));
    });
    stream.on('end', () => {
      if (over || this.#over) return;
      const [message] = messages;
      if (message === undefined || !deframer.clean)
        fail(badMessage('The request ended before its message was whole.'));
      else {
        over = true;
        done(message);
      }
    });
  }

  reply(status: number, headers: HeaderList, body: Buffer | string): void {
    if (this.closed) return;
    if (status >= 400) {
      this.#fail(status, headers, body.toString());
      return;
    }
    const type = headers.find(([name]) => name === 'content-type')?.[1] ?? '';
    this.start(status, headers);
    if (type.startsWith(sse.mediaType)) this.chunk(body);
    else {
      const answer = parseObject(body.toString());
      if (answer === null) {
        // Ours, or a plugin's: the provider's was read before.
        this.closed = true;
        this.#break(new GatewayError('GW_GATEWAY_INTERNAL'));
        return;
      }
      this.#say(answer, body);
    }
    this.end();
  }

  override replyEmpty(status: number, headers: HeaderList): void {
    this.reply(status, headers, '{}');
  }

  start(_status: number, headers: HeaderList): void {
    if (this.closed || this.committed) return;
    this.committed = true;
    this.#stream.respond(
      { ...GRPC_HEADERS, ...metadataOf([...this.#base, ...headers]) },
      { waitForTrailers: true },
    );
    this.#writer = new NodeWriter(this.#stream, {
      now: () => this.#host.now(),
      drained: () => this.onDrain?.(),
      ended: ignore,
      cut: () => this.cut(),
    });
  }

  chunk(bytes: Buffer | string): boolean {
    if (this.closed || this.#writer === null || bytes.length === 0) return true;
    this.#scanner ??= sse.createScanner({ maxEventBytes: MAX_EVENT_BYTES });
    const { count, data } = this.#scanner.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
    let flows = true;
    for (let at = 0; at < count; at++) {
      const text = data[at];
      if (text === null || text === undefined || text === '[DONE]') continue;
      const event = parseObject(text);
      // Why it broke off stands in the trailers.
      if (event === null || event['error'] !== undefined) continue;
      flows = this.#say(event, text);
    }
    return flows;
  }

  end(): void {
    if (this.closed) return;
    this.closed = true;
    this.onDrain = null;
    this.#scanner?.close();
    // What became of the call is known behind its last byte.
    queueMicrotask(() => {
      const error = this.call?.error ?? null;
      if (error === null) this.#writer?.end();
      else this.#break(error);
    });
    const taken = this.onTaken;
    this.onTaken = null;
    taken?.();
  }

  /** A client that takes nothing: its stream ends, and what else its connection carries goes on. */
  cut(): void {
    if (!this.#over) this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  override tend(now: number): number {
    return this.#over ? 0 : (this.#writer?.tend(now) ?? 0);
  }

  /** @returns false: the client reads slowly. */
  #say(answer: JsonObject, text: Buffer | string): boolean {
    const json = this.includeJson ? Buffer.from(text) : null;
    return this.#writer!.chunk(grpcFrame(this.#write(answer, json)));
  }

  /** Refused before anything was said: head and trailers in one. */
  #fail(status: number, headers: HeaderList, body: string): void {
    this.closed = true;
    // Settled right behind this, and then it is known which error of ours it is.
    queueMicrotask(() => {
      if (this.#over) return;
      const failure = failureOf(this.call?.error ?? null, { status, headers, body });
      const trailers = failureTrailers(failure, this.#id);
      if (this.committed) {
        this.#trailers = trailers;
        this.#writer?.end();
        return;
      }
      this.committed = true;
      const metadata = metadataOf([...this.#base, ...headers]);
      this.#stream.respond({ ...GRPC_HEADERS, ...metadata, ...trailers }, { endStream: true });
      letGo(this.#stream);
    });
    const taken = this.onTaken;
    this.onTaken = null;
    taken?.();
  }

  #break(error: GatewayError): void {
    const told = { status: error.status, headers: [], body: '' };
    this.#trailers = failureTrailers({ ...failureOf(error, told), message: error.publicMessage }, this.#id);
    this.#writer?.end();
  }

  #closed(): void {
    if (this.#over) return;
    this.#over = true;
    this.closed = true;
    this.onDrain = null;
    this.onTaken = null;
    this.#scanner?.close();
    const gone = this.onGone;
    this.onGone = null;
    this.#host.closed(this);
    // Of a call that is settled nobody hears.
    gone?.();
  }
}

/** Headers of an answer as metadata; values of one name are one list. */
export function metadataOf(headers: HeaderList): OutgoingHttpHeaders {
  const metadata: Record<string, string> = {};
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    if (NOT_METADATA.test(name) || !ASCII.test(value)) continue;
    metadata[name] = metadata[name] === undefined ? value : `${metadata[name]}, ${value}`;
  }
  return metadata;
}

function frameError(fault: unknown, maxBytes: number): GatewayError {
  if (fault instanceof GrpcFrameFault && fault.code === GRPC_CODES.RESOURCE_EXHAUSTED)
    return new GatewayError('GW_CLIENT_TOO_LARGE', {
      message: `A message takes ${maxBytes} bytes at most.`,
      cause: fault,
    });
  return badMessage('The bytes of the request are no message of gRPC, or a compressed one.');
}

const badMessage = (message: string): GatewayError => new GatewayError('GW_CLIENT_BAD_REQUEST', { message });

function ignore(): void {}
