// The configuration most tests start from: the mock as an OpenAI provider (`oa`) and as an Anthropic one (`an`); where
// `dialects` is set, as one of each other dialect too.
import { gateKey } from './gateway.ts';

/** Keys the gateway holds towards the mock; tests look for them in places where they must not be. */
export const upstreamKeys = {
  oa: 'sk-upstream-openai-AAAABBBBCCCCDDDD0001',
  an: 'sk-ant-upstream-AAAABBBBCCCCDDDD0002',
  be: 'bedrock-upstream-AAAABBBBCCCCDDDD0004',
  co: 'co-upstream-AAAABBBBCCCCDDDD0003',
  rs: 'sk-upstream-responses-AAAABBBBCCCCDDDD0005',
  ge: 'AIza-upstream-AAAABBBBCCCCDDDD0004',
};

export interface Ports {
  openaiUrl: string;
  anthropicUrl: string;
  geminiUrl?: string;
}

export interface ConfigParts {
  /** Merged into both providers. */
  provider?: Record<string, unknown>;
  /** Merged into one of them. */
  oa?: Record<string, unknown>;
  an?: Record<string, unknown>;
  /** Further providers. */
  providers?: Record<string, unknown>;
  server?: Record<string, unknown>;
  models?: Record<string, unknown>;
  /** Other top-level sections. */
  rest?: Record<string, unknown>;
  /** One provider more for each dialect that OpenAI Chat and Anthropic are not. */
  dialects?: boolean;
  /** No client keys: the gateway takes every caller. */
  open?: boolean;
}

/** A configuration with no retries unless `provider` says otherwise, so that faults show as they are. */
export function testConfig(mock: Ports, parts: ConfigParts = {}): Record<string, unknown> {
  const shared = { models: ['*'], retries: { max: 0 }, ...parts.provider };
  return {
    ...(parts.server === undefined ? {} : { server: parts.server }),
    ...(parts.open === true ? {} : { auth: { keys: [gateKey] } }),
    providers: {
      oa: {
        dialect: 'openai-chat',
        baseUrl: mock.openaiUrl,
        keys: [{ value: upstreamKeys.oa }],
        ...shared,
        ...parts.oa,
      },
      an: {
        dialect: 'anthropic',
        baseUrl: mock.anthropicUrl,
        keys: [{ value: upstreamKeys.an }],
        ...shared,
        ...parts.an,
      },
      ...(parts.dialects === true ? others(mock, shared) : {}),
      ...parts.providers,
    },
    ...(parts.models === undefined ? {} : { models: parts.models }),
    ...parts.rest,
  };
}

function others(mock: Ports, shared: object): Record<string, unknown> {
  return {
    be: {
      dialect: 'bedrock',
      baseUrl: mock.anthropicUrl,
      region: 'eu-west-1',
      keys: [{ value: upstreamKeys.be }],
      ...shared,
    },
    co: {
      dialect: 'cohere',
      baseUrl: mock.anthropicUrl,
      keys: [{ value: upstreamKeys.co }],
      ...shared,
    },
    rs: {
      dialect: 'openai-responses',
      baseUrl: mock.openaiUrl,
      keys: [{ value: upstreamKeys.rs }],
      ...shared,
    },
    ...(mock.geminiUrl === undefined
      ? {}
      : {
          ge: {
            dialect: 'gemini',
            baseUrl: mock.geminiUrl,
            keys: [{ value: upstreamKeys.ge }],
            ...shared,
          },
        }),
  };
}
