// What can be called over gRPC, beside its own health and reflection: the chat operation, whole and streamed, and embeddings.
import type { JsonObject } from '../../contracts/json.ts';
import type { ModelRoute } from '../../contracts/route.ts';
import { type ReadRequest, readChatRequest } from '../../grpc/chat-request.ts';
import { readEmbeddingsRequest } from '../../grpc/embeddings-request.ts';
import { operations } from '../../registry/operations.ts';
import { writeChatChunk, writeChatResponse } from './grpc-chat-answer.ts';
import { writeEmbeddingsResponse } from './grpc-embeddings-answer.ts';

export interface GrpcMethod {
  readonly route: ModelRoute;
  /** @throws GatewayError where the message is none of the method's. */
  read(message: Buffer): ReadRequest;
  /** Of an answer, or of each event of it. @param json the same as bytes, to be carried too; null = not asked for. */
  write(answer: JsonObject, json: Buffer | null): Buffer;
}

const method = (
  template: string,
  operation: ModelRoute['operation'],
  read: GrpcMethod['read'],
  write: GrpcMethod['write'],
): readonly [string, GrpcMethod] => {
  const route: ModelRoute = {
    kind: 'model',
    operation,
    // What messages are made of, and answers are read as.
    dialect: 'openai-chat',
    template,
    methods: ['POST'],
    open: false,
    stream: null,
  };
  return [template, { route, read, write }];
};

/** By path. One route each for good: grants are decided once by it. */
export const GRPC_METHODS: ReadonlyMap<string, GrpcMethod> = new Map([
  method(
    '/headgate.chat.v1.ChatService/Complete',
    operations.chat,
    (message) => readChatRequest(message, false),
    writeChatResponse,
  ),
  method(
    '/headgate.chat.v1.ChatService/StreamComplete',
    operations.chat,
    (message) => readChatRequest(message, true),
    writeChatChunk,
  ),
  method(
    '/headgate.embeddings.v1.EmbeddingsService/Embed',
    operations.embeddings,
    readEmbeddingsRequest,
    writeEmbeddingsResponse,
  ),
]);
