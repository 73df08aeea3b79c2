// What can be called over gRPC, beside its own health and reflection: the chat operation, whole and streamed.
import type { ModelRoute } from '../../contracts/route.ts';
import { operations } from '../../registry/operations.ts';

const route = (template: string): ModelRoute => ({
  kind: 'model',
  operation: operations.chat,
  // What messages are made of, and answers are read as.
  dialect: 'openai-chat',
  template,
  methods: ['POST'],
  open: false,
  stream: null,
});

export interface GrpcMethod {
  readonly route: ModelRoute;
  /** It answers in chunks. */
  readonly streamed: boolean;
}

/** By path. One route each for good: grants are decided once by it. */
export const CHAT_METHODS: ReadonlyMap<string, GrpcMethod> = new Map(
  [
    { name: 'Complete', streamed: false },
    { name: 'StreamComplete', streamed: true },
  ].map(({ name, streamed }) => {
    const path = `/headgate.chat.v1.ChatService/${name}`;
    return [path, { route: route(path), streamed }];
  }),
);
