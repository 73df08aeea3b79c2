import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import type { Dialect, Mock, Route } from '../contract.ts';
import { startMock } from '../mock/mock.ts';
import { ANSWER_OPENING } from '../mock/script.ts';
import { stop } from '../processes.ts';
import { agentgatewayConfig, agentgatewayEndpoints } from './agentgateway.ts';
import { bifrostConfig, bifrostEndpoints, cachedBinaries } from './bifrost.ts';
import { fetchesAllowed, npmManifest } from './fetch.ts';
import { gomodelEndpoints, gomodelEnvironment } from './gomodel.ts';
import { haproxyConfig } from './haproxy.ts';
import { headgateCommand, headgateConfig, headgateEndpoints, merged } from './headgate.ts';
import { litellmConfig, litellmEndpoints } from './litellm.ts';
import { nginxConfig } from './nginx.ts';
import { portkeyEndpoints } from './portkey.ts';
import { peers } from './registry.ts';
import { call, clientDialect, type Endpoints, passedThrough } from './serve.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-peers-'));
  vi.stubEnv('HEADGATE_BENCH_FETCH', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const somewhere: Pick<Mock, 'baseUrl' | 'endpoint'> = {
  baseUrl: (dialect: Dialect) => `http://127.0.0.1:4000${dialect === 'openai' ? '/v1' : ''}`,
  endpoint: (dialect: Dialect) => ({ port: 4000, path: `/${dialect}`, headers: {}, model: 'bench-model' }),
};

describe('the registry', () => {
  it('no two peers have one name, and the yardsticks are there', () => {
    const names = peers.map((peer) => peer.name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.slice(0, 4)).toEqual(['headgate', 'bare', 'nginx', 'haproxy']);
  });

  it.each(peers)('$name is found with a version or left out with a reason', async (peer) => {
    const found = await peer.find();
    expect('version' in found ? found.version : found.missing).toMatch(/\S/);
  });

  it.each(peers.filter((peer) => peer.name !== 'bare'))(
    '$name named by its variable where it is not is left out with that reason',
    async (peer) => {
      vi.stubEnv(`HEADGATE_BENCH_${peer.name.toUpperCase()}`, '/nowhere/to/be/found');
      expect(await peer.find()).toEqual({ missing: expect.stringContaining('/nowhere/to/be/found') });
    },
  );

  // These are looked for nowhere else; the others may be in the bench's cache or in a system folder.
  it.each(peers.filter((peer) => ['agentgateway', 'gomodel', 'bifrost'].includes(peer.name)))(
    '$name that is nowhere says which variable would name it',
    async (peer) => {
      vi.stubEnv('PATH', folder);
      vi.stubEnv('XDG_CACHE_HOME', folder);
      vi.stubEnv(`HEADGATE_BENCH_${peer.name.toUpperCase()}`, '');
      expect(await peer.find()).toEqual({
        missing: expect.stringContaining(`HEADGATE_BENCH_${peer.name.toUpperCase()}=/path`),
      });
    },
  );

  it.each<[string, Endpoints]>([
    ['headgate', headgateEndpoints(1)],
    ['bare', passedThrough(somewhere as Mock, 1)],
    ['nginx', passedThrough(somewhere as Mock, 1)],
    ['haproxy', passedThrough(somewhere as Mock, 1)],
    ['agentgateway', agentgatewayEndpoints(1)],
    ['gomodel', gomodelEndpoints(1)],
    ['bifrost', bifrostEndpoints(1)],
    ['portkey', portkeyEndpoints(1, somewhere)],
    ['litellm', litellmEndpoints(1)],
  ])('the routes %s declares are those it has endpoints for', (name, endpoints) => {
    const peer = peers.find((one) => one.name === name)!;
    expect(Object.keys(endpoints).sort()).toEqual([...peer.routes].sort());
    for (const endpoint of Object.values(endpoints)) expect(endpoint.port).toBe(1);
  });
});

describe('configurations', () => {
  it("Headgate's is one that Headgate takes, with two providers and a key", () => {
    const file = join(folder, 'headgate.json');
    writeFileSync(file, JSON.stringify(headgateConfig(8080, somewhere, 2)));
    const { config, notes } = loadConfig({ env: { HEADGATE_CONFIG: file }, cwd: folder, cores: 2 });
    expect(config.providers.map(({ name, baseUrl }) => [name, String(baseUrl)])).toEqual([
      ['openai', 'http://127.0.0.1:4000/v1'],
      ['anthropic', 'http://127.0.0.1:4000'],
    ]);
    expect(config.server).toMatchObject({ port: 8080, workers: 2, host: '127.0.0.1' });
    expect(notes).toEqual(['configuration: headgate.json']);
  });

  it('what a scenario adds to it is merged deeply and its lists replace', () => {
    const base = { server: { port: 1, workers: 1 }, auth: { keys: ['a'] } };
    expect(merged(base, { server: { workers: 2 }, auth: { keys: ['b'] }, redis: { url: 'x' } })).toEqual({
      server: { port: 1, workers: 2 },
      auth: { keys: ['b'] },
      redis: { url: 'x' },
    });
    expect(base.server.workers).toBe(1);
  });

  it('a build of Headgate is started where one is named', () => {
    expect(headgateCommand({ HEADGATE_BENCH_HEADGATE: '/x/dist/cluster/cli.js' })).toBe(
      '/x/dist/cluster/cli.js',
    );
    expect(headgateCommand({})).toMatch(/\/scripts\/start$/);
  });

  it('nginx and HAProxy get as many workers and threads as cores, and no log', () => {
    const nginx = nginxConfig(8080, 4000, '/tmp/x', 3);
    expect(nginx).toContain('worker_processes 3;');
    expect(nginx).toContain('access_log off;');
    expect(nginx).toContain('server 127.0.0.1:4000;');
    const haproxy = haproxyConfig(8080, 4000, 3);
    expect(haproxy).toContain('nbthread 3\n');
    expect(haproxy).not.toMatch(/^\s*log /m);
    expect(haproxy).toContain('server provider 127.0.0.1:4000 ');
  });

  it('LiteLLM knows both providers under the names its endpoints use, and its Messages to OpenAI are chat calls', () => {
    const config = parse(litellmConfig(somewhere)) as {
      model_list: { model_name: string; litellm_params: { api_base: string } }[];
      litellm_settings: Record<string, unknown>;
    };
    const names = new Set(Object.values(litellmEndpoints(1)).map((endpoint) => endpoint.model));
    expect(new Set(config.model_list.map((model) => model.model_name))).toEqual(names);
    expect(config.model_list.map((model) => model.litellm_params.api_base)).toEqual([
      'http://127.0.0.1:4000/v1',
      'http://127.0.0.1:4000',
    ]);
    expect(config.litellm_settings.use_chat_completions_url_for_anthropic_messages).toBe(true);
  });

  it('agentgateway knows both models, listens where it is asked, and has the threads it was given', () => {
    const ports = { listen: 1, admin: 2, stats: 3, readiness: 4 };
    const config = parse(agentgatewayConfig(ports, somewhere, 2)) as {
      config: { workerThreads: number; adminAddr: string };
      llm: { port: number; models: { name: string; provider: string }[] };
    };
    expect(config.config).toMatchObject({ workerThreads: 2, adminAddr: '127.0.0.1:2' });
    expect(config.llm.port).toBe(1);
    expect(config.llm.models.map((model) => `${model.name} ${model.provider}`)).toEqual([
      'bench-openai openAI',
      'bench-anthropic anthropic',
    ]);
  });

  it('Bifrost adds /v1 itself, and its clients present its virtual key', () => {
    const config = JSON.parse(bifrostConfig(somewhere)) as {
      providers: Record<string, { network_config: { base_url: string } }>;
      governance: { virtual_keys: { value: string }[] };
    };
    expect(config.providers.openai?.network_config.base_url).toBe('http://127.0.0.1:4000');
    const key = config.governance.virtual_keys[0]?.value;
    for (const { headers } of Object.values(bifrostEndpoints(1))) {
      expect([headers.authorization, headers['x-api-key']]).toContain(
        headers.authorization === undefined ? key : `Bearer ${key}`,
      );
    }
  });

  it('of the Bifrosts that npx kept the newest comes first', () => {
    for (const version of ['v1.9.0', 'v1.10.2'])
      mkdirSync(join(folder, 'bifrost', version), { recursive: true });
    expect(cachedBinaries(folder)[0]).toBe(join(folder, 'bifrost/v1.10.2/bin/bifrost-http-0'));
    expect(cachedBinaries(join(folder, 'none'))).toEqual([]);
  });

  it('GoModel gets its threads and providers by its environment and writes in its own folder', () => {
    expect(gomodelEnvironment(8080, somewhere, '/tmp/x', 2)).toMatchObject({
      PORT: '8080',
      GOMAXPROCS: '2',
      OPENAI_BASE_URL: 'http://127.0.0.1:4000/v1',
      LOGGING_ENABLED: 'false',
      SQLITE_PATH: '/tmp/x/gomodel.db',
    });
  });

  it('nothing is fetched unless the user said so, and what npm brings is pinned', () => {
    expect(fetchesAllowed({})).toBe(false);
    expect(fetchesAllowed({ HEADGATE_BENCH_FETCH: '1' })).toBe(true);
    expect(JSON.parse(npmManifest({ a: '1.2.3' }, { b: '4.5.6' }))).toEqual({
      private: true,
      dependencies: { a: '1.2.3' },
      overrides: { b: '4.5.6' },
    });
  });
});

describe('what is started', () => {
  let mock: Mock;
  beforeAll(async () => {
    mock = await startMock([0]);
    await mock.set({ everyMs: 0, deltas: 3 });
  });
  afterAll(() => stop(mock.child));

  it.for(peers.filter((peer) => ['headgate', 'bare', 'nginx', 'haproxy'].includes(peer.name)))(
    '$name answers on every route it declares, whole and streamed',
    async (peer, { skip }) => {
      const found = await peer.find();
      if (found.missing !== undefined && ['nginx', 'haproxy'].includes(peer.name)) skip(found.missing);
      const running = await peer.start({ cores: [0], mock, folder });
      try {
        for (const route of peer.routes) expect(await served(route)).toEqual([200, true, 200, 3, true]);
      } finally {
        await running.stop();
      }

      async function served(route: Route): Promise<unknown[]> {
        const endpoint = running.endpoint(route)!;
        const dialect = clientDialect(route);
        const messages = [{ role: 'user', content: 'Is the gate open?' }];
        const body = JSON.stringify({ model: endpoint.model, max_tokens: 16, stream: true, messages });
        const [whole, streamed] = [await call(endpoint, dialect), await call(endpoint, dialect, body)];
        // Each delta of the mock carries a stamp; role chunks of the OpenAI dialect have empty content.
        const deltas = streamed.text.match(/"(content|text)":\s*"[^"]/g) ?? [];
        const end = dialect === 'openai' ? '[DONE]' : 'message_stop';
        return [
          whole.status,
          whole.text.includes(ANSWER_OPENING),
          streamed.status,
          deltas.length,
          streamed.text.includes(end),
        ];
      }
    },
  );
});
