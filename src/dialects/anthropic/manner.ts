import type { Manner } from '../../contracts/manner.ts';

/** Anthropic Messages. */
export const manner: Manner = {
  dialect: 'anthropic',
  maker: 'anthropic',
  joinsProofs: 'at once',
  // wire.md 10.1: version, beta and all other anthropic-* headers unchanged, without an allow-list.
  forwardedHeaders: ['anthropic-'],
  fixedHeaders: { 'anthropic-version': '2023-06-01' },
  limitHeaders: 'anthropic-ratelimit',
  auth: { kind: 'header', name: 'x-api-key' },
  versionInBaseUrl: false,
  ownFallbacks: true,
  commentBehindEnd: true,
  heartbeat: 'event: ping\ndata: {"type": "ping"}\n\n',
  // None of it is published as a rule; taken from the vendor's guides, on the high side.
  promptCosts: {
    request: 3,
    message: 3,
    name: 1,
    toolCall: 3,
    tools: 346,
    tool: 4,
    image: 1_400,
    imageLowDetail: 1_400,
  },
};
