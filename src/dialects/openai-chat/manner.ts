import type { Manner } from '../../contracts/manner.ts';

/** OpenAI Chat Completions and all who speak it. */
export const manner: Manner = {
  dialect: 'openai-chat',
  maker: null,
  forwardedHeaders: ['openai-beta', 'idempotency-key'],
  fixedHeaders: {},
  limitHeaders: 'x-ratelimit',
  auth: { kind: 'bearer' },
  versionInBaseUrl: true,
  // Published is only the frame (3 tokens a message, 3 to begin the answer, 1 for a name); the rest is on the high side.
  ownFallbacks: false,
  commentBehindEnd: true,
  heartbeat: ': keep-alive\n\n',
  promptCosts: {
    request: 3,
    message: 3,
    name: 1,
    toolCall: 3,
    tools: 9,
    tool: 4,
    image: 765,
    imageLowDetail: 85,
  },
};
