// A client of `@grpc/grpc-js` for the gateway's own gRPC: the chat service by its generated messages, and any other by bytes.
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  type CallOptions,
  Client,
  type ClientDuplexStream,
  type ClientOptions,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import {
  type ChatChunk,
  ChatChunkSchema,
  type ChatRequest,
  ChatRequestSchema,
  type ChatResponse,
  ChatResponseSchema,
} from '../../src/grpc/chat-messages.ts';
import { gateKey } from './gateway.ts';

export type ChatInit = MessageInitShape<typeof ChatRequestSchema>;

export interface GrpcAnswer<T> {
  /** Null = it ended with an error alone. */
  message: T | null;
  metadata: Metadata;
  /** Of its end. */
  status: StatusObject;
}

const CHAT = '/headgate.chat.v1.ChatService/';
const encode = (request: ChatRequest): Buffer => Buffer.from(toBinary(ChatRequestSchema, request));
const same = (bytes: Buffer): Buffer => bytes;

/** @param key sent as Bearer; null = none. */
export function metadataOf(key: string | null = gateKey, more: Record<string, string> = {}): Metadata {
  const metadata = new Metadata();
  if (key !== null) metadata.set('authorization', `Bearer ${key}`);
  for (const [name, value] of Object.entries(more)) metadata.set(name, value);
  return metadata;
}

export class GrpcChat {
  readonly client: Client;

  /** @param ca of the certificate that the gateway shows; absent = without TLS. @param own a certificate to show */
  constructor(port: number, ca?: string, options: ClientOptions = {}, own?: { cert: string; key: string }) {
    const pair = own === undefined ? [] : [Buffer.from(own.key), Buffer.from(own.cert)];
    const secure =
      ca === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(ca), ...pair);
    const host = ca === undefined ? '127.0.0.1' : 'localhost';
    // A channel of its own each: tests look at connections.
    this.client = new Client(`${host}:${port}`, secure, { 'grpc.use_local_subchannel_pool': 1, ...options });
  }

  complete(
    request: ChatInit,
    metadata = metadataOf(),
    options: CallOptions = {},
  ): Promise<GrpcAnswer<ChatResponse>> {
    const bytes = create(ChatRequestSchema, request);
    const decode = (answer: Buffer): ChatResponse => fromBinary(ChatResponseSchema, answer);
    return new Promise((resolve) => {
      let message: ChatResponse | null = null;
      let head = new Metadata();
      const call = this.client.makeUnaryRequest(
        `${CHAT}Complete`,
        encode,
        decode,
        bytes,
        metadata,
        options,
        (_error: ServiceError | null, answer?: ChatResponse) => {
          message = answer ?? null;
        },
      );
      call.on('metadata', (came) => {
        head = came;
      });
      call.on('status', (status) => setImmediate(() => resolve({ message, metadata: head, status })));
    });
  }

  /** A stream that is being received. */
  open(
    request: ChatInit,
    metadata = metadataOf(),
    options: CallOptions = {},
  ): ClientReadableStream<ChatChunk> {
    const call = this.client.makeServerStreamRequest(
      `${CHAT}StreamComplete`,
      encode,
      (chunk: Buffer) => fromBinary(ChatChunkSchema, chunk),
      create(ChatRequestSchema, request),
      metadata,
      options,
    );
    // A stream that ends with another status than OK says so in `status`, too.
    call.on('error', () => undefined);
    return call;
  }

  /** @returns all of a stream. */
  async stream(
    request: ChatInit,
    metadata = metadataOf(),
    options: CallOptions = {},
  ): Promise<{ chunks: ChatChunk[]; text: string; metadata: Metadata; status: StatusObject }> {
    const call = this.open(request, metadata, options);
    const chunks: ChatChunk[] = [];
    let head = new Metadata();
    call.on('metadata', (came) => {
      head = came;
    });
    call.on('data', (chunk: ChatChunk) => chunks.push(chunk));
    const status = await endOf(call);
    const text = chunks.flatMap(({ choices }) => choices.map((choice) => choice.text)).join('');
    return { chunks, text, metadata: head, status };
  }

  /** Any method by bytes. */
  raw(path: string, message: Buffer, metadata = metadataOf(null)): Promise<GrpcAnswer<Buffer>> {
    return new Promise((resolve) => {
      let got: Buffer | null = null;
      let head = new Metadata();
      const call = this.client.makeUnaryRequest(path, same, same, message, metadata, (_error, answer) => {
        got = answer ?? null;
      });
      call.on('metadata', (came) => {
        head = came;
      });
      call.on('status', (status) => setImmediate(() => resolve({ message: got, metadata: head, status })));
    });
  }

  /** A method that streams its answers, by bytes. */
  watch(path: string, message: Buffer): ClientReadableStream<Buffer> {
    const call = this.client.makeServerStreamRequest(path, same, same, message);
    call.on('error', () => undefined);
    return call;
  }

  both(path: string): ClientDuplexStream<Buffer, Buffer> {
    const call = this.client.makeBidiStreamRequest(path, same, same);
    call.on('error', () => undefined);
    return call;
  }

  close(): void {
    this.client.close();
  }
}

export function endOf(call: ClientReadableStream<unknown>): Promise<StatusObject> {
  return new Promise((resolve) => call.on('status', (status) => setImmediate(() => resolve(status))));
}
