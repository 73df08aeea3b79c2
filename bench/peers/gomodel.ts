// GoModel (Go): configured by its environment, master key checked, audit log and usage tracking off as in its own benchmark.
// Written after its documents; no binary of it could be had where this was written, so it has not been started yet.
import { join } from 'node:path';
import type { Mock, Peer } from '../contract.ts';
import { UPSTREAM_KEY } from '../mock/mock.ts';
import { MODEL } from '../mock/script.ts';
import { freePort } from '../processes.ts';
import { fileOf, findProgram, type Whereabouts } from './program.ts';
import { CLIENT_KEY, type Endpoints, serve } from './serve.ts';

const WHERE: Whereabouts = {
  variable: 'HEADGATE_BENCH_GOMODEL',
  names: ['gomodel'],
  hint: 'go install github.com/enterpilot/gomodel/cmd/gomodel@latest (where the module proxy has it), or set HEADGATE_BENCH_GOMODEL=/path/to/gomodel',
};

export function gomodelEnvironment(
  port: number,
  mock: Pick<Mock, 'baseUrl'>,
  folder: string,
  cores: number,
): Record<string, string> {
  return {
    PORT: String(port),
    GOMAXPROCS: String(cores),
    GOMODEL_MASTER_KEY: CLIENT_KEY,
    OPENAI_API_KEY: UPSTREAM_KEY,
    OPENAI_BASE_URL: mock.baseUrl('openai'),
    ANTHROPIC_API_KEY: UPSTREAM_KEY,
    ANTHROPIC_BASE_URL: `${mock.baseUrl('anthropic')}/v1`,
    // Models are the ones of the mock, whatever it lists.
    OPENAI_MODELS: MODEL,
    ANTHROPIC_MODELS: MODEL,
    CONFIGURED_PROVIDER_MODELS_MODE: 'allowlist',
    LOGGING_ENABLED: 'false',
    USAGE_ENABLED: 'false',
    METRICS_ENABLED: 'true',
    LOG_LEVEL: 'error',
    // Nothing from the network on its own account.
    GOMODEL_OFFLINE: 'true',
    MODEL_LIST_URL: 'off',
    GOMODEL_VERSION_CHECK_ENABLED: 'false',
    BODY_SIZE_LIMIT: '64M',
    STORAGE_TYPE: 'sqlite',
    SQLITE_PATH: join(folder, 'gomodel.db'),
    GOMODEL_CACHE_DIR: join(folder, 'cache'),
    PID_FILE: join(folder, 'gomodel.pid'),
  };
}

export function gomodelEndpoints(port: number): Endpoints {
  const headers = { authorization: `Bearer ${CLIENT_KEY}` };
  const chat = { port, path: '/v1/chat/completions', headers };
  const messages = { port, path: '/v1/messages', headers: { ...headers, 'anthropic-version': '2023-06-01' } };
  return {
    'openai>openai': { ...chat, model: `openai/${MODEL}` },
    'anthropic>anthropic': { ...messages, model: `anthropic/${MODEL}` },
    'anthropic>openai': { ...messages, model: `openai/${MODEL}` },
    'openai>anthropic': { ...chat, model: `anthropic/${MODEL}` },
  };
}

export const gomodel: Peer = {
  name: 'gomodel',
  about: 'Go, GOMAXPROCS of its cores, master key checked, metrics on, audit log and usage tracking off.',
  routes: ['openai>openai', 'anthropic>anthropic', 'anthropic>openai', 'openai>anthropic'],
  find: () => findProgram(WHERE, { args: ['--version'], pattern: /^\S+ (\S+) \(commit/ }),
  async start(setting) {
    const port = await freePort();
    return serve(
      {
        name: 'gomodel',
        command: fileOf(WHERE),
        args: [],
        env: gomodelEnvironment(port, setting.mock, setting.folder, setting.cores.length),
        endpoints: gomodelEndpoints(port),
      },
      setting,
    );
  },
};
