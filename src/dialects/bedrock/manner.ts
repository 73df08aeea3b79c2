import type { Manner } from '../../contracts/manner.ts';

/** Bedrock Converse. */
export const manner: Manner = {
  dialect: 'bedrock',
  // Claude's reasoning is what has proofs there.
  maker: 'anthropic',
  joinsProofs: 'at once',
  // Guardrails, latency and service tier of an invocation are said in headers.
  forwardedHeaders: ['x-amzn-bedrock-'],
  fixedHeaders: {},
  limitHeaders: 'none',
  requestIdHeader: 'x-amzn-requestid',
  auth: { kind: 'aws' },
  versionInBaseUrl: false,
  ownFallbacks: false,
  bytesOnly: true,
  // Most of its models are Claude: as Anthropic's.
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
