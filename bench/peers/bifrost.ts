// Bifrost (Go): configuration from a file without its database and log store, client keys as its virtual keys.
// Written after its documents and schema; no binary of it could be had where this was written, so it has not been started yet.
import { readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Mock, Peer } from '../contract.ts';
import { UPSTREAM_KEY } from '../mock/mock.ts';
import { MODEL } from '../mock/script.ts';
import { freePort } from '../processes.ts';
import { fileOf, locate, type Whereabouts } from './program.ts';
import { type Endpoints, serve } from './serve.ts';

/** Its virtual keys must begin like this. */
const VIRTUAL_KEY = 'sk-bf-bench-0123456789abcdef0123456789abcdef';
/** Calls in flight per provider; its default of 1,000 workers is kept, the queue behind it made deep enough for the load. */
const CONCURRENCY = { concurrency: 1000, buffer_size: 20_000 };

/** `npx @maximhq/bifrost` keeps what it downloaded in <cache>/bifrost/<version>/bin/bifrost-http-0. */
export function cachedBinaries(cache: string): string[] {
  const root = join(cache, 'bifrost');
  try {
    const versions = readdirSync(root).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    return versions.map((version) => join(root, version, 'bin', 'bifrost-http-0'));
  } catch {
    return [];
  }
}

const where = (): Whereabouts => ({
  variable: 'HEADGATE_BENCH_BIFROST',
  names: ['bifrost-http'],
  files: cachedBinaries(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')),
  hint: 'run `npx @maximhq/bifrost` once (it downloads its binary and keeps it), or set HEADGATE_BENCH_BIFROST=/path/to/bifrost-http',
});

export function bifrostConfig(mock: Pick<Mock, 'baseUrl'>): string {
  const provider = (name: string, baseUrl: string): object => ({
    keys: [{ id: `bench-${name}`, name: `bench-${name}`, value: UPSTREAM_KEY, models: ['*'], weight: 1 }],
    network_config: { base_url: baseUrl, default_request_timeout_in_seconds: 600 },
    concurrency_and_buffer_size: CONCURRENCY,
  });
  const allowed = (name: string): object => ({
    provider: name,
    weight: 1,
    allowed_models: ['*'],
    key_ids: [`bench-${name}`],
  });
  // It writes the /v1 of both providers itself.
  const openai = mock.baseUrl('openai').replace(/\/v1$/, '');
  return `${JSON.stringify(
    {
      client: {
        initial_pool_size: 1000,
        drop_excess_requests: false,
        enable_logging: false,
        enforce_auth_on_inference: true,
      },
      providers: {
        openai: provider('openai', openai),
        anthropic: provider('anthropic', mock.baseUrl('anthropic')),
      },
      governance: {
        virtual_keys: [
          {
            id: 'bench',
            name: 'bench',
            value: VIRTUAL_KEY,
            is_active: true,
            provider_configs: [allowed('openai'), allowed('anthropic')],
          },
        ],
      },
      config_store: { enabled: false },
      logs_store: { enabled: false },
    },
    null,
    2,
  )}\n`;
}

export function bifrostEndpoints(port: number): Endpoints {
  const chat = { port, path: '/v1/chat/completions', headers: { authorization: `Bearer ${VIRTUAL_KEY}` } };
  const messages = {
    port,
    path: '/anthropic/v1/messages',
    headers: { 'x-api-key': VIRTUAL_KEY, 'anthropic-version': '2023-06-01' },
  };
  return {
    'openai>openai': { ...chat, model: `openai/${MODEL}` },
    'anthropic>anthropic': { ...messages, model: `anthropic/${MODEL}` },
    'openai>anthropic': { ...chat, model: `anthropic/${MODEL}` },
    // Messages to OpenAI become Responses there, which is another provider call than everyone else's.
  };
}

export const bifrost: Peer = {
  name: 'bifrost',
  about:
    'Go, GOMAXPROCS of its cores, virtual key checked, request log and database off, pool and queue enlarged.',
  routes: ['openai>openai', 'anthropic>anthropic', 'openai>anthropic'],
  async find() {
    const program = locate(where());
    if ('missing' in program) return program;
    // It has no --version and prints its own only when it serves; the folder npx keeps it in is named after it.
    return { version: /bifrost\/(v[^/]+)\/bin/.exec(program.file)?.[1] ?? 'version unknown' };
  },
  async start(setting) {
    const port = await freePort();
    writeFileSync(join(setting.folder, 'config.json'), bifrostConfig(setting.mock));
    const args = ['-host', '127.0.0.1', '-port', String(port), '-app-dir', setting.folder];
    return serve(
      {
        name: 'bifrost',
        command: fileOf(where()),
        args: [...args, '-log-level', 'error'],
        env: { GOMAXPROCS: String(setting.cores.length) },
        endpoints: bifrostEndpoints(port),
      },
      setting,
    );
  },
};
