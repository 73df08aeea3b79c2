// Portkey's open gateway (TypeScript on Hono): one process, one event loop, configured by headers of each request.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint, Mock, Peer } from '../contract.ts';
import { UPSTREAM_KEY } from '../mock/mock.ts';
import { MODEL } from '../mock/script.ts';
import { freePort } from '../processes.ts';
import { fetchesAllowed, fetchNpm } from './fetch.ts';
import { CACHE, fileOf, locate, npmVersion, type Whereabouts } from './program.ts';
import { type Endpoints, serve } from './serve.ts';

const PACKAGE = '@portkey-ai/gateway';
const VERSION = '1.15.2';
/** Later ones make its answers lose their streams. */
const SERVER = '@hono/node-server';
const SERVER_VERSION = '1.13.8';

const CACHED = join(CACHE, 'portkey');
const WHERE: Whereabouts = {
  variable: 'HEADGATE_BENCH_PORTKEY',
  files: [join(CACHED, 'node_modules', PACKAGE, 'build/start-server.js')],
  hint: `set HEADGATE_BENCH_FETCH=1, or npm install --ignore-scripts ${PACKAGE}@${VERSION} with overrides {"${SERVER}":"${SERVER_VERSION}"} \
and set HEADGATE_BENCH_PORTKEY=<folder>/node_modules/${PACKAGE}/build/start-server.js`,
};

/** Its routing is said by headers; keys of its clients belong to the hosted product, so none are checked. Messages to OpenAI it refuses. */
export function portkeyEndpoints(port: number, mock: Pick<Mock, 'baseUrl'>): Endpoints {
  const to = (provider: 'openai' | 'anthropic', path: string): Endpoint => ({
    port,
    path,
    model: MODEL,
    headers: {
      'x-portkey-provider': provider,
      'x-portkey-custom-host':
        provider === 'openai' ? mock.baseUrl('openai') : `${mock.baseUrl('anthropic')}/v1`,
      ...(provider === 'openai'
        ? { authorization: `Bearer ${UPSTREAM_KEY}` }
        : { authorization: `Bearer ${UPSTREAM_KEY}`, 'anthropic-version': '2023-06-01' }),
    },
  });
  return {
    'openai>openai': to('openai', '/v1/chat/completions'),
    'anthropic>anthropic': to('anthropic', '/v1/messages'),
    'openai>anthropic': to('anthropic', '/v1/chat/completions'),
  };
}

/** Beside the program, as npm lays packages out. */
function serverVersion(file: string): string | null {
  const modules = file.slice(0, file.lastIndexOf('node_modules') + 'node_modules'.length);
  const nested = join(modules, PACKAGE, 'node_modules', SERVER, 'package.json');
  return npmVersion(existsSync(nested) ? nested : join(modules, SERVER, 'package.json'), SERVER);
}

export const portkey: Peer = {
  name: 'portkey',
  about:
    'Node, one event loop whatever the cores, routing by request headers, no keys checked, headless (no log page).',
  routes: ['openai>openai', 'anthropic>anthropic', 'openai>anthropic'],
  async find() {
    let program = locate(WHERE);
    if ('missing' in program && fetchesAllowed()) {
      const failed = await fetchNpm(CACHED, { [PACKAGE]: VERSION }, { [SERVER]: SERVER_VERSION });
      if (failed !== null) return { missing: failed };
      program = locate(WHERE);
    }
    if ('missing' in program) return program;
    const version = npmVersion(program.file, PACKAGE);
    if (version === null) return { missing: `${program.file} is not of ${PACKAGE}` };
    return { version: `${version} (${SERVER} ${serverVersion(program.file) ?? 'unknown'})` };
  },
  async start(setting) {
    const port = await freePort();
    return serve(
      {
        name: 'portkey',
        command: process.execPath,
        args: [fileOf(WHERE), `--port=${port}`, '--headless'],
        env: { NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1' },
        endpoints: portkeyEndpoints(port, setting.mock),
      },
      setting,
    );
  },
};
