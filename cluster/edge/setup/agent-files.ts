// Where coding agents keep their configuration, and what in it leads them to a gateway.
import path from 'node:path';
import type { Gate } from './gate.ts';
import { jsonFormat } from './json-format.ts';
import { colonFormat, envFormat } from './line-format.ts';
import { tomlFormat } from './toml-format.ts';
import type { FileFormat, Setting } from './setting.ts';

export interface AgentFile {
  readonly file: string;
  readonly format: FileFormat;
  readonly settings: readonly Setting[];
}

export interface SetupChoice {
  readonly gate: Gate;
  /** The agent keeps the subscription it signed in to: that goes on to its vendor, and the gate's key beside it. */
  readonly subscription: boolean;
}

export interface Surroundings {
  /** Home folder of the person. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface KnownAgent {
  /** Programs by which it is seen to be installed. */
  readonly program: string;
  /** Whether it can be used with a subscription of its vendor. */
  readonly subscription: boolean;
  files(where: Surroundings, choice: SetupChoice): AgentFile[];
}

/** By this header the gate is told who calls where the usual ones hold the vendor's own credential. */
export const GATE_KEY_HEADER = 'x-headgate-key';

const put = (path: readonly string[], value: Setting['value']): Setting => ({ path, value });
const orHome = ({ home, env }: Surroundings, variable: string, folder: string): string =>
  env[variable] ?? path.join(home, folder);

const AGENTS: Readonly<Record<string, KnownAgent>> = {
  claude: {
    program: 'claude',
    subscription: true,
    files: (where, { gate, subscription }) => [
      {
        file: path.join(orHome(where, 'CLAUDE_CONFIG_DIR', '.claude'), 'settings.json'),
        format: jsonFormat,
        settings: [
          put(['env', 'ANTHROPIC_BASE_URL'], gate.url),
          subscription
            ? put(['env', 'ANTHROPIC_CUSTOM_HEADERS'], `${GATE_KEY_HEADER}: ${gate.key}`)
            : put(['env', 'ANTHROPIC_AUTH_TOKEN'], gate.key),
        ],
      },
    ],
  },
  codex: {
    program: 'codex',
    subscription: true,
    files: (where, { gate, subscription }) => [
      {
        file: path.join(orHome(where, 'CODEX_HOME', '.codex'), 'config.toml'),
        format: tomlFormat,
        settings: [
          put(['model_provider'], 'headgate'),
          put(['model_providers', 'headgate'], {
            name: 'Headgate',
            base_url: `${gate.url}/v1`,
            wire_api: 'responses',
            ...(subscription
              ? { requires_openai_auth: true, http_headers: { [GATE_KEY_HEADER]: gate.key } }
              : { http_headers: { Authorization: `Bearer ${gate.key}` } }),
          }),
        ],
      },
    ],
  },
  gemini: {
    program: 'gemini',
    subscription: false,
    files: ({ home }, { gate }) => [
      {
        file: path.join(home, '.gemini/.env'),
        format: envFormat,
        settings: [put(['GOOGLE_GEMINI_BASE_URL'], gate.url), put(['GEMINI_API_KEY'], gate.key)],
      },
      {
        file: path.join(home, '.gemini/settings.json'),
        format: jsonFormat,
        // With an address alone it asks for a way to sign in.
        settings: [put(['security', 'auth', 'selectedType'], 'gemini-api-key')],
      },
    ],
  },
  opencode: {
    program: 'opencode',
    subscription: false,
    files: (where, { gate: { url, key } }) => [
      {
        file: path.join(orHome(where, 'XDG_CONFIG_HOME', '.config'), 'opencode/opencode.json'),
        format: jsonFormat,
        settings: (
          [
            ['anthropic', '/v1'],
            ['openai', '/v1'],
            ['google', '/v1beta'],
          ] as const
        ).flatMap(([provider, path]) => [
          put(['provider', provider, 'options', 'baseURL'], `${url}${path}`),
          put(['provider', provider, 'options', 'apiKey'], key),
        ]),
      },
    ],
  },
  crush: {
    program: 'crush',
    subscription: false,
    files: (where, { gate: { url, key } }) => [
      {
        file: path.join(orHome(where, 'XDG_CONFIG_HOME', '.config'), 'crush/crush.json'),
        format: jsonFormat,
        settings: (
          [
            ['anthropic', url],
            ['openai', `${url}/v1`],
          ] as const
        ).flatMap(([provider, base]) => [
          put(['providers', provider, 'base_url'], base),
          put(['providers', provider, 'api_key'], key),
        ]),
      },
    ],
  },
  aider: {
    program: 'aider',
    subscription: false,
    files: ({ home }, { gate: { url, key } }) => [
      {
        file: path.join(home, '.aider.conf.yml'),
        format: colonFormat,
        settings: [put(['openai-api-base'], `${url}/v1`), put(['openai-api-key'], key)],
      },
    ],
  },
};

export const SETUP_NAMES: readonly string[] = Object.keys(AGENTS);

/** Undefined: an agent that is not known. */
export function knownAgent(name: string): KnownAgent | undefined {
  return Object.hasOwn(AGENTS, name) ? AGENTS[name] : undefined;
}
