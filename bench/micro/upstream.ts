// What a request and a streamed chunk cost in the upstream client alone: ours beside undici's bare dispatch, against
// the mock provider on another core. Run: scripts/node taskset -c 0 node bench/micro/upstream.ts
import { Pool } from 'undici';
import { GatewayError } from '../../src/contracts/errors.ts';
import type { Upstream, UpstreamHandler } from '../../src/contracts/upstream.ts';
import { createLeanUpstream } from '../../src/upstream/lean-client.ts';
import { startMock } from '../mock/mock.ts';
import { stopAll } from '../processes.ts';
import { chatBody } from './bodies.ts';

const LOAD_CORE = 1;
const CONNECTIONS = 64;
const STREAMS = 300;
const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json',
  'accept-encoding': 'identity',
  'user-agent': 'headgate/bench',
  authorization: 'Bearer bench-upstream-key-0123456789',
};
const STREAMED = chatBody(1024);
const UNARY = Buffer.from(STREAMED.toString().replace('"stream":true', '"stream":false'));

interface Count {
  answers: number;
  chunks: number;
  failed: number;
}

type Send = (body: Buffer, handler: UpstreamHandler) => void;

/** Keeps `width` calls going for `ms`; resolves with CPU microseconds and what was done. */
async function load(send: Send, body: Buffer, width: number, ms: number): Promise<Count & { cpu: number }> {
  const count: Count = { answers: 0, chunks: 0, failed: 0 };
  const end = performance.now() + ms;
  let open = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const next = (): void => {
    open--;
    if (performance.now() < end) begin();
    else if (open === 0) resolve();
  };
  const handler: UpstreamHandler = {
    onSent() {},
    onHead() {},
    onData() {
      count.chunks++;
    },
    onEnd() {
      count.answers++;
      next();
    },
    onError() {
      count.failed++;
      next();
    },
  };
  const begin = (): void => {
    open++;
    send(body, handler);
  };
  const before = process.cpuUsage();
  for (let i = 0; i < width; i++) begin();
  await promise;
  const { user, system } = process.cpuUsage(before);
  return { ...count, cpu: user + system };
}

function viaOurs(upstream: Upstream): Send {
  return (body, handler) => {
    upstream.send({ method: 'POST', path: '/chat/completions', headers: HEADERS, body }, handler);
  };
}

function viaUndici(pool: Pool): Send {
  return (body, handler) => {
    pool.dispatch(
      { path: '/v1/chat/completions', method: 'POST', headers: HEADERS, body },
      {
        onRequestStart() {},
        onResponseStart: (_controller, status, headers) => handler.onHead(status, headers),
        onResponseData: (_controller, chunk) => handler.onData(chunk),
        onResponseEnd: () => handler.onEnd(),
        onResponseError: () => handler.onError(new GatewayError('GW_UPSTREAM_RESET')),
      },
    );
  };
}

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;

try {
  const mock = await startMock([LOAD_CORE]);
  const origin = `http://127.0.0.1:${mock.port}`;
  const connections = 1024;
  const ours = createLeanUpstream({ baseUrl: `${origin}/v1`, connections, connectTimeoutMs: 5000 });
  const pool = new Pool(origin, { connections, headersTimeout: 0, bodyTimeout: 0, allowH2: false });
  const clients = { lean: viaOurs(ours), undici: viaUndici(pool) };
  const taken: Record<string, number[]> = {};
  for (let round = 0; round <= 5; round++) {
    for (const [name, send] of Object.entries(clients)) {
      const unary = await load(send, UNARY, CONNECTIONS, 1500);
      const stream = await load(send, STREAMED, STREAMS, 1);
      if (unary.failed + stream.failed > 0) throw new Error(`${name}: some calls failed`);
      if (round === 0) continue; // warm-up
      (taken[`${name} per request`] ??= []).push(unary.cpu / unary.answers);
      (taken[`${name} per chunk`] ??= []).push(stream.cpu / stream.chunks);
    }
  }
  for (const [what, values] of Object.entries(taken)) {
    const spread = `(${Math.min(...values).toFixed(2)} - ${Math.max(...values).toFixed(2)})`;
    console.log(`${what.padEnd(22)} ${median(values).toFixed(2).padStart(8)} us  ${spread}`);
  }
  await Promise.all([ours.close(), pool.close()]);
} finally {
  await stopAll();
}
