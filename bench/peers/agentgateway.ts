// agentgateway (Rust), stand-alone: its `llm` section with two models, API key checked, worker threads of its cores.
// Written after its documents; no binary of it could be had where this was written, so it has not been started yet.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Mock, Peer } from '../contract.ts';
import { UPSTREAM_KEY } from '../mock/mock.ts';
import { MODEL } from '../mock/script.ts';
import { freePort } from '../processes.ts';
import { fileOf, findProgram, type Whereabouts } from './program.ts';
import { CLIENT_KEY, type Endpoints, serve } from './serve.ts';

const WHERE: Whereabouts = {
  variable: 'HEADGATE_BENCH_AGENTGATEWAY',
  names: ['agentgateway'],
  hint: 'get a release of github.com/agentgateway/agentgateway and put it on PATH or set HEADGATE_BENCH_AGENTGATEWAY=/path/to/agentgateway',
};

export interface AgentgatewayPorts {
  listen: number;
  admin: number;
  stats: number;
  readiness: number;
}

export function agentgatewayConfig(
  ports: AgentgatewayPorts,
  mock: Pick<Mock, 'baseUrl'>,
  threads: number,
): string {
  return stringify({
    config: {
      adminAddr: `127.0.0.1:${ports.admin}`,
      statsAddr: `127.0.0.1:${ports.stats}`,
      readinessAddr: `127.0.0.1:${ports.readiness}`,
      workerThreads: threads,
    },
    llm: {
      port: ports.listen,
      policies: { apiKey: { mode: 'strict', keys: [{ key: CLIENT_KEY }] } },
      models: [
        {
          name: 'bench-openai',
          provider: 'openAI',
          params: { model: MODEL, apiKey: UPSTREAM_KEY, baseUrl: mock.baseUrl('openai') },
        },
        {
          name: 'bench-anthropic',
          provider: 'anthropic',
          params: { model: MODEL, apiKey: UPSTREAM_KEY, baseUrl: `${mock.baseUrl('anthropic')}/v1` },
        },
      ],
    },
  });
}

export function agentgatewayEndpoints(port: number): Endpoints {
  const headers = { authorization: `Bearer ${CLIENT_KEY}` };
  const chat = { port, path: '/v1/chat/completions', headers };
  const messages = { port, path: '/v1/messages', headers: { ...headers, 'anthropic-version': '2023-06-01' } };
  return {
    'openai>openai': { ...chat, model: 'bench-openai' },
    'anthropic>anthropic': { ...messages, model: 'bench-anthropic' },
    'anthropic>openai': { ...messages, model: 'bench-openai' },
    'openai>anthropic': { ...chat, model: 'bench-anthropic' },
  };
}

export const agentgateway: Peer = {
  name: 'agentgateway',
  about: 'Rust, worker threads of its cores, API key checked, log level error (no access log).',
  routes: ['openai>openai', 'anthropic>anthropic', 'anthropic>openai', 'openai>anthropic'],
  find: () => findProgram(WHERE, { args: ['--version'], pattern: /(\d+\.\d+\.\d+\S*)/ }),
  async start(setting) {
    const ports = {
      listen: await freePort(),
      admin: await freePort(),
      stats: await freePort(),
      readiness: await freePort(),
    };
    const config = join(setting.folder, 'agentgateway.yaml');
    writeFileSync(config, agentgatewayConfig(ports, setting.mock, setting.cores.length));
    return serve(
      {
        name: 'agentgateway',
        command: fileOf(WHERE),
        args: ['-f', config],
        env: { RUST_LOG: 'error' },
        endpoints: agentgatewayEndpoints(ports.listen),
      },
      setting,
    );
  },
};
