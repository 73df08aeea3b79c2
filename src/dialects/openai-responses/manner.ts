import type { Manner } from '../../contracts/manner.ts';

/** OpenAI Responses and all who speak it. */
export const manner: Manner = {
  dialect: 'openai-responses',
  maker: 'openai',
  joinsProofs: 'late',
  forwardedHeaders: ['openai-beta', 'idempotency-key'],
  fixedHeaders: {},
  limitHeaders: 'x-ratelimit',
  auth: { kind: 'bearer' },
  versionInBaseUrl: true,
  ownFallbacks: false,
  commentBehindEnd: true,
  heartbeat: ': keep-alive\n\n',
  // The frame around a message is Chat's.
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
