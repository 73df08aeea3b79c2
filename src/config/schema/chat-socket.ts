// The schema of `server.chatSocket`.
import { DEFAULT_CHAT_SOCKET } from './defaults.ts';
import { duration, integer, strict } from './parts.ts';
import Type from './type.ts';

export const chatSocket = Type.Optional(
  Type.Object(
    {
      maxConversations: integer(1, 1_024, {
        description: 'Conversations under way at once on one socket; a further one is refused with 429.',
        default: DEFAULT_CHAT_SOCKET.maxConversations,
      }),
      resumeMs: duration({
        description: 'How long a conversation is kept whose socket broke, or which ended; 0 = none is.',
        default: DEFAULT_CHAT_SOCKET.resumeMs,
      }),
      maxKeptBytes: integer(0, 1_073_741_824, {
        description:
          'Memory of one worker for frames that may be asked for again; beyond it the oldest are forgotten.',
        default: DEFAULT_CHAT_SOCKET.maxKeptBytes,
      }),
      ticketTtlMs: duration(
        { description: 'How long a ticket may be shown.', default: DEFAULT_CHAT_SOCKET.ticketTtlMs },
        1_000,
      ),
      ticketSecret: Type.Optional(
        Type.String({
          minLength: 16,
          maxLength: 8192,
          'x-secret': true,
          description:
            'What tickets are sealed with. Gateways that state the same take the tickets of each other.',
          'x-default': 'a secret that the gateway makes when it starts',
        }),
      ),
    },
    { ...strict, description: 'The chat socket, `/v1/chat/ws`.' },
  ),
);
