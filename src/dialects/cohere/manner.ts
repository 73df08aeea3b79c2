import type { Manner } from '../../contracts/manner.ts';

/** Cohere v2. */
export const manner: Manner = {
  dialect: 'cohere',
  // Its reasoning comes without proofs.
  maker: null,
  forwardedHeaders: ['x-client-name'],
  fixedHeaders: {},
  limitHeaders: 'x-ratelimit',
  auth: { kind: 'bearer' },
  versionInBaseUrl: false,
  ownFallbacks: false,
  commentBehindEnd: true,
  heartbeat: ': keep-alive\n\n',
  // None of it is published; taken from the sizes of its open models' chat templates, on the high side.
  promptCosts: {
    request: 10,
    message: 4,
    name: 0,
    toolCall: 20,
    tools: 300,
    tool: 10,
    image: 1_000,
    imageLowDetail: 256,
  },
};
