// Servers that tell their load, each in its own way: what is heard, what is not, and that nothing lasts longer than it should.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { status as Code } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type RunningGrpc, startGrpcServer } from '../../tests/kit/grpc-server.ts';
import { writeMessage } from '../../tests/kit/model-protos.ts';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { LoadSignalConfig, ServerLoad } from '../contracts/load-signal.ts';
import { createLoadSignals, type LoadSignals } from './load-signals.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const clock = { now: () => performance.now(), wall: () => Date.now() };

interface Heard {
  loads: ServerLoad[];
  failed: string[];
  first: number;
  stale: number;
  /** What came, and what grew stale, in order. */
  order: string[];
}

function signals(): { signals: LoadSignals; heard: Heard } {
  const heard: Heard = { loads: [], failed: [], first: 0, stale: 0, order: [] };
  const made = createLoadSignals({
    clock,
    random: () => 0.5,
    meter: {
      heard: (_, load) => {
        heard.loads.push({ ...load });
        heard.order.push('load');
      },
      failed: (_, reason, first) => {
        heard.failed.push(reason);
        if (first) heard.first++;
      },
      stale: () => {
        heard.stale++;
        heard.order.push('stale');
      },
    },
  });
  closing.push(() => made.close());
  return { signals: made, heard };
}

const provider = (url: string, over: Partial<LoadSignalConfig> = {}, more: Partial<ProviderConfig> = {}) =>
  makeProvider('gpu', {
    baseUrl: `${new URL(url).origin}/v1`,
    keys: [{ alias: 'k', value: 'sk-own', weight: 1, models: [] }],
    ...more,
    load: {
      source: 'metrics',
      url,
      waiting: ['vllm:num_requests_waiting'],
      running: ['vllm:num_requests_running'],
      everyMs: 20,
      staleMs: 60_000,
      ...over,
    },
  });

async function page(listener: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, server };
}

async function grpc(...args: Parameters<typeof startGrpcServer>): Promise<string> {
  const running: RunningGrpc = await startGrpcServer(...args);
  closing.push(() => running.kill());
  return `http://127.0.0.1:${running.port}`;
}

const VLLM = `# HELP vllm:num_requests_waiting Number of requests waiting to be processed.
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="a } b"} 3.0
vllm:num_requests_waiting{engine="1",model_name="x"} 2.0 1700000000
vllm:num_requests_waiting_by_reason{reason="capacity"} 9.0
vllm:num_requests_running{engine="0"} 7.0
`;

describe('a page of metrics', () => {
  it('is added up by name, and gets the key of its own server', async () => {
    const keys: unknown[] = [];
    const { url } = await page((request, response) => {
      keys.push(request.headers.authorization);
      response.end(VLLM);
    });
    const { signals: made, heard } = signals();
    made.configure([provider(url)]);
    await vi.waitFor(() => expect(heard.loads.length).toBeGreaterThan(2), 20_000);
    expect(heard.loads[0]).toEqual({ waiting: 5, running: 7 });
    expect(made.of('gpu')!.at(clock.now())).toEqual({ waiting: 5, running: 7 });
    expect(made.of('other')).toBeNull();
    expect(new Set(keys)).toEqual(new Set(['Bearer sk-own']));
  });

  it('of another server gets no key', async () => {
    const keys: unknown[] = [];
    const { url } = await page((request, response) => {
      keys.push(request.headers.authorization);
      response.end(VLLM);
    });
    const { signals: made, heard } = signals();
    made.configure([provider(url, {}, { baseUrl: 'http://127.0.0.1:1/v1' })]);
    await vi.waitFor(() => expect(heard.loads.length).toBeGreaterThan(0), 20_000);
    expect(new Set(keys)).toEqual(new Set([undefined]));
  });

  it.each<[string, RequestListener, string]>([
    ['a status', (_, response) => response.writeHead(503).end(), 'status 503'],
    ['other metrics', (_, response) => response.end('up 1\n'), 'nothing of waiting'],
    ['no number', (_, response) => response.end('vllm:num_requests_waiting NaN\n'), 'nothing of waiting'],
    ['an end without end', (_, response) => void response.write('x'.repeat(5 * 1024 * 1024)), 'too large'],
  ])('with %s is counted, told once, and grows stale once', async (_, listener, reason) => {
    const { url } = await page(listener);
    const { signals: made, heard } = signals();
    made.configure([provider(url)]);
    await vi.waitFor(() => expect(heard.failed.length).toBeGreaterThan(1), 20_000);
    expect(heard.failed[0]).toContain(reason);
    expect([heard.first, heard.stale, heard.loads]).toEqual([1, 1, []]);
    expect(made.of('gpu')!.at(clock.now())).toBeNull();
  });

  it('that comes no more is forgotten when it is too old', async () => {
    const { url, server } = await page((_, response) => response.end(VLLM));
    const { signals: made, heard } = signals();
    made.configure([provider(url, { staleMs: 300 })]);
    await vi.waitFor(() => expect(heard.loads.length).toBeGreaterThan(0), 20_000);
    server.close();
    server.closeAllConnections();
    await vi.waitFor(() => expect(heard.order.at(-1)).toBe('stale'), 20_000);
    expect(made.of('gpu')!.at(clock.now())).toBeNull();
    // Of one load once, however late the next one came.
    expect(heard.order.join(' ')).not.toContain('stale stale');
  });
});

describe('configurations', () => {
  it('keep what stays as it was, and ask no more for what went', async () => {
    let asked = 0;
    const { url } = await page((_, response) => {
      asked++;
      response.end(VLLM);
    });
    const { signals: made, heard } = signals();
    made.configure([provider(url)]);
    const signal = made.of('gpu');
    await vi.waitFor(() => expect(heard.loads.length).toBeGreaterThan(0), 20_000);
    made.configure([provider(url)]);
    expect(made.of('gpu')).toBe(signal);
    made.configure([provider(url, { everyMs: 30 })]);
    expect(made.of('gpu')).not.toBe(signal);
    made.configure([makeProvider('gpu', { baseUrl: url })]);
    expect(made.of('gpu')).toBeNull();
    const before = heard.loads.length;
    const asks = asked;
    // What would be asked by a timer that was forgotten.
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(heard.loads.length).toBe(before);
    expect(asked).toBeLessThanOrEqual(asks + 1);
  });
});

describe('gRPC', () => {
  it('GetLoads of vLLM: all its parts', async () => {
    const url = await grpc('vllm.grpc.engine.VllmEngine', {
      unary: {
        GetLoads: (_, done) =>
          done(
            null,
            writeMessage('vllm.grpc.engine.GetLoadsResponse', {
              loads: [
                { dp_rank: 0, num_running_reqs: 4, num_waiting_reqs: 2 },
                { dp_rank: 1, num_running_reqs: 3, num_waiting_reqs: 1 },
              ],
            }),
          ),
      },
    });
    const { signals: made, heard } = signals();
    made.configure([provider(url, { source: 'loads' })]);
    await vi.waitFor(() => expect(heard.loads.length).toBeGreaterThan(0), 20_000);
    expect(heard.loads[0]).toEqual({ running: 7, waiting: 3 });
  });

  it('GetLoad of SGLang, whose other services are not there', async () => {
    let json =
      '[{"dp_rank":0,"num_reqs":5,"num_waiting_reqs":2},{"num_running_reqs":1,"num_waiting_reqs":0}]';
    const url = await grpc('sglang.runtime.v1.SglangService', {
      unary: {
        GetLoad: (_, done) =>
          done(null, writeMessage('sglang.runtime.v1.GetLoadResponse', { json_info: json })),
      },
    });
    const { signals: made, heard } = signals();
    made.configure([provider(url, { source: 'loads' })]);
    await vi.waitFor(() => expect(heard.loads.length).toBeGreaterThan(0), 20_000);
    expect(heard.loads[0]).toEqual({ running: 4, waiting: 2 });
    json = '{}';
    await vi.waitFor(() => expect(heard.failed[0]).toContain('nothing of requests'), 20_000);
  });

  it('statistics of Triton: how its sums grow is how many there are', async () => {
    let now = 1_000;
    const answers = [
      { spent: 0, waited: 0 },
      // In two seconds twelve seconds of requests, four of them in the queue: six at a time, of which two wait.
      { spent: 12e9, waited: 4e9 },
    ];
    const url = await grpc('inference.GRPCInferenceService', {
      unary: {
        ModelStatistics: (_, done) => {
          const { spent, waited } = answers.length > 1 ? answers.shift()! : answers[0]!;
          done(
            null,
            writeMessage('inference.ModelStatisticsResponse', {
              model_stats: [
                { name: 'a', inference_stats: { success: { ns: spent / 2 }, queue: { ns: waited } } },
                { name: 'b', inference_stats: { success: { count: 1, ns: spent / 2 } } },
              ],
            }),
          );
        },
      },
    });
    const loads: ServerLoad[] = [];
    const made = createLoadSignals({
      clock: { now: () => (now += 2_000), wall: () => 0 },
      random: () => 0.5,
      meter: { heard: (_, load) => loads.push(load), failed() {}, stale() {} },
    });
    closing.push(() => made.close());
    made.configure([provider(url, { source: 'statistics' })]);
    await vi.waitFor(() => expect(loads.length).toBeGreaterThan(0), 20_000);
    const { running, waiting } = loads[0]!;
    // The clock is asked by others too: what counts is the share of those that wait.
    expect(waiting).toBeGreaterThan(0);
    expect(running / waiting).toBeCloseTo(2, 5);
  });

  it('a server that refuses is counted', async () => {
    const url = await grpc('vllm.grpc.engine.VllmEngine', {
      unary: { GetLoads: (_, done) => done({ code: Code.PERMISSION_DENIED, details: 'no' }, null) },
    });
    const { signals: made, heard } = signals();
    made.configure([provider(url, { source: 'loads' })]);
    await vi.waitFor(() => expect(heard.failed[0]).toContain('PERMISSION_DENIED'), 20_000);
  });
});
