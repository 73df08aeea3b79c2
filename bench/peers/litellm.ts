// LiteLLM's proxy (Python): one uvicorn worker a core, as its documents recommend for a machine of its own.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { cpuMicros } from '../accounting.ts';
import type { Mock, Peer, RunningPeer } from '../contract.ts';
import { UPSTREAM_KEY } from '../mock/mock.ts';
import { MODEL } from '../mock/script.ts';
import { freePort } from '../processes.ts';
import { fetchesAllowed, fetchPip } from './fetch.ts';
import { CACHE, fileOf, locate, output, type Whereabouts } from './program.ts';
import { CLIENT_KEY, type Endpoints, gatewayEndpoints, serve } from './serve.ts';

/** Pinned: several releases were poisoned (1.82.7, 1.82.8, 1.107.0). */
const REQUIREMENT = 'litellm[proxy]==1.106.2';
/** It takes 25 s on one core where nothing else runs, and more with several workers. */
const READY_MS = 180_000;
const SETTLED_MS = 60_000;

const CACHED = join(CACHE, 'litellm');
const WHERE: Whereabouts = {
  variable: 'HEADGATE_BENCH_LITELLM',
  names: ['litellm'],
  files: [join(CACHED, 'bin/litellm')],
  hint: `set HEADGATE_BENCH_FETCH=1, or python3 -m venv V && V/bin/pip install '${REQUIREMENT}' and set HEADGATE_BENCH_LITELLM=V/bin/litellm`,
};

export function litellmConfig(mock: Pick<Mock, 'baseUrl'>): string {
  return stringify({
    model_list: [
      {
        model_name: 'bench-openai',
        litellm_params: { model: `openai/${MODEL}`, api_base: mock.baseUrl('openai'), api_key: UPSTREAM_KEY },
      },
      {
        model_name: 'bench-anthropic',
        litellm_params: {
          model: `anthropic/${MODEL}`,
          api_base: mock.baseUrl('anthropic'),
          api_key: UPSTREAM_KEY,
        },
      },
    ],
    // Of its page on production: no debug output. Retries and cooldowns are its own, as everywhere in the bench.
    litellm_settings: {
      set_verbose: false,
      request_timeout: 600,
      telemetry: false,
      // Messages to OpenAI go to Chat Completions as everywhere else here, not to Responses.
      use_chat_completions_url_for_anthropic_messages: true,
    },
    general_settings: { disable_error_logs: true },
  });
}

export function litellmEndpoints(port: number): Endpoints {
  return gatewayEndpoints(port, 'bench-openai', 'bench-anthropic');
}

/** The first worker answers while the others still import: waits until the tree has nothing more to do. */
async function settled(peer: RunningPeer): Promise<RunningPeer> {
  const deadline = Date.now() + SETTLED_MS;
  for (let quiet = 0; quiet < 3 && Date.now() < deadline; ) {
    const before = cpuMicros(peer.pid);
    await sleep(500);
    quiet = cpuMicros(peer.pid) - before < 100_000 ? quiet + 1 : 0;
  }
  return peer;
}

export const litellm: Peer = {
  name: 'litellm',
  about:
    'Python, one uvicorn worker a core, production mode, master key checked, no database, log level ERROR.',
  routes: ['openai>openai', 'anthropic>anthropic', 'anthropic>openai', 'openai>anthropic'],
  async find() {
    let program = locate(WHERE);
    if ('missing' in program && fetchesAllowed()) {
      const failed = await fetchPip(CACHED, REQUIREMENT);
      if (failed !== null) return { missing: failed };
      program = locate(WHERE);
    }
    if ('missing' in program) return program;
    // `litellm --version` imports everything and asks the network for prices: 20 s. Its interpreter knows at once.
    const python = join(dirname(program.file), 'python');
    const said = await output(python, [
      '-c',
      'from importlib.metadata import version as v; print(v("litellm"))',
    ]);
    const version = /^\d\S*/.exec(said ?? '')?.[0];
    return version === undefined ? { missing: `${python} knows no litellm` } : { version };
  },
  async start(setting) {
    const port = await freePort();
    const config = join(setting.folder, 'litellm.yaml');
    writeFileSync(config, litellmConfig(setting.mock));
    const workers = setting.cores.length;
    const args = ['--config', config, '--host', '127.0.0.1', '--port', String(port)];
    const running = await serve(
      {
        name: 'litellm',
        command: fileOf(WHERE),
        args: [...args, '--num_workers', String(workers)],
        env: {
          LITELLM_MASTER_KEY: CLIENT_KEY,
          LITELLM_MODE: 'PRODUCTION',
          LITELLM_LOG: 'ERROR',
          // Its own prices, so that a start does not wait for a host.
          LITELLM_LOCAL_MODEL_COST_MAP: 'True',
        },
        endpoints: litellmEndpoints(port),
        readyMs: READY_MS,
      },
      setting,
    );
    return workers > 1 ? settled(running) : running;
  },
};
