import type { Manner } from '../../contracts/manner.ts';

/** Gemini's generateContent, at Google AI Studio and on Vertex. */
export const manner: Manner = {
  dialect: 'gemini',
  maker: 'google',
  forwardedHeaders: ['api-revision', 'x-goog-user-project', 'x-goog-request-params', 'x-server-timeout'],
  fixedHeaders: {},
  limitHeaders: 'none',
  auth: { kind: 'header', name: 'x-goog-api-key' },
  versionInBaseUrl: true,
  ownFallbacks: false,
  bytesOnly: true,
  // Its SDKs take a comment for the beginning of JSON. A blank line is white space between events, and in a list.
  heartbeat: '\n',
  // Published: 258 tokens a picture of up to 384 pixels, or a tile of a larger one (four for 1024 x 1024). The rest is on the
  // high side.
  promptCosts: {
    request: 2,
    message: 3,
    name: 1,
    toolCall: 4,
    tools: 12,
    tool: 8,
    image: 1032,
    imageLowDetail: 258,
  },
};
