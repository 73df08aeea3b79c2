// How programs that speak to models are pointed at a gateway: by their environment and, where that is not enough, their
// arguments. No file of theirs is read or written.

import type { Gate } from './setup/gate.ts';

export interface Launch {
  /** Before the arguments that were given. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Variables that would lead past the gateway. */
  readonly without: readonly string[];
}

/** What the vendors' own libraries read, in any language: for programs that we know nothing of. */
export function sdkEnvironment({ url, key }: Gate): Record<string, string> {
  return {
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_BASE: `${url}/v1`,
    OPENAI_API_KEY: key,
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: key,
    GOOGLE_GEMINI_BASE_URL: url,
    GEMINI_API_KEY: key,
    GOOGLE_API_KEY: key,
    CO_API_URL: url,
    CO_API_KEY: key,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: url,
    AWS_BEARER_TOKEN_BEDROCK: key,
  };
}

type Make = (gate: Gate) => Launch;

const toml = (text: string): string => JSON.stringify(text);

const AGENTS: Readonly<Record<string, Make>> = {
  // A token goes as Bearer and comes before a key or a subscription that was signed in to.
  claude: ({ url, key }) => ({
    args: [],
    env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: key },
    without: ['ANTHROPIC_API_KEY', 'CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX'],
  }),
  // It has no variable for the address that a signed-in subscription would not win over: a provider of its own does.
  codex: ({ url, key }) => ({
    args: [
      '-c',
      'model_provider="headgate"',
      '-c',
      `model_providers.headgate={name="Headgate",base_url=${toml(`${url}/v1`)},env_key="HEADGATE_EDGE_KEY",wire_api="responses"}`,
    ],
    env: { HEADGATE_EDGE_KEY: key },
    without: [],
  }),
  gemini: ({ url, key }) => ({
    args: [],
    env: { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key },
    without: ['GOOGLE_API_KEY', 'GOOGLE_GENAI_USE_VERTEXAI', 'GOOGLE_GENAI_USE_GCA'],
  }),
  opencode: ({ url, key }) => ({
    args: [],
    env: {
      OPENCODE_CONFIG_CONTENT: JSON.stringify({
        provider: {
          anthropic: { options: { baseURL: `${url}/v1`, apiKey: key } },
          openai: { options: { baseURL: `${url}/v1`, apiKey: key } },
          google: { options: { baseURL: `${url}/v1beta`, apiKey: key } },
        },
      }),
    },
    without: [],
  }),
};

/** Agents that are known by name. */
export const AGENT_NAMES: readonly string[] = Object.keys(AGENTS);

/** @param name of the program, without its path: one that is not known gets what vendors' libraries read. */
export function launchOf(name: string, gate: Gate): Launch {
  const make = Object.hasOwn(AGENTS, name) ? AGENTS[name] : undefined;
  return make === undefined ? { args: [], env: sdkEnvironment(gate), without: [] } : make(gate);
}
