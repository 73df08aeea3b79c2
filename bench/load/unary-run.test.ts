// The generator in this process, against servers that behave badly in known ways.
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openai } from '../mock/openai.ts';
import { answerText } from '../mock/script.ts';
import { runUnary, type Unary } from './unary-run.ts';

const GOOD = openai.answer(answerText(240));
const answer = (status: string, body: string): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
const QUIET = { begin() {}, end() {} };

let server: Server | null = null;
afterEach(() => {
  vi.useRealTimers();
  server?.close();
});

/** Runs it on a clock of its own: what this machine needs for it is none of its time, and nobody waits for it. */
async function run(load: Parameters<typeof runUnary>[0]): Promise<Unary> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
  let over = false;
  const running = runUnary(load, QUIET).finally(() => (over = true));
  while (!over) {
    // What was written in a millisecond has come before the next begins.
    for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(1);
  }
  return running;
}

/** Calls `reply` for each request, with its number and a way to write. */
async function serve(reply: (number: number, write: (text: string) => void) => void): Promise<number> {
  let number = 0;
  server = createServer((socket) => {
    let seen = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      seen += bytes.toString('latin1');
      const head = seen.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/.exec(seen)?.[1] ?? Number.NaN);
      if (head === -1 || seen.length < head + 4 + length) return;
      seen = '';
      reply(++number, (text) => (text === '' ? socket.destroy() : socket.write(text)));
    });
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const load = (port: number) => ({
  endpoint: { port, path: '/v1/chat/completions', headers: {}, model: 'm' },
  dialect: 'openai' as const,
  connections: 2,
  seconds: 1,
  warmSeconds: 0,
});

describe('unary generator', () => {
  it('keeps the waiting of later requests on the clock while a server stands still', async () => {
    // One connection at 100/s; the 21st request is answered half a second late: some fifty wait behind it.
    const port = await serve((number, write) => {
      if (number === 21) setTimeout(() => write(answer('200 OK', GOOD)), 500);
      else write(answer('200 OK', GOOD));
    });
    const result = await run({ ...load(port), connections: 1, perSecond: 100 });
    expect(result.failed).toBe(0);
    // Without the correction only one of a hundred would be slow, and p90 a millisecond or so.
    expect(result.latencyMicros.p90).toBeGreaterThan(200_000);
    expect(result.latencyMicros.max).toBeGreaterThan(480_000);
  });

  it("counts refusals, broken connections and answers that are not the mock's as failed", async () => {
    const port = await serve((number, write) => {
      if (number % 4 === 1) write(answer('429 Too Many Requests', '{}'));
      else if (number % 4 === 2) write('');
      else write(answer('200 OK', number % 4 === 3 ? '{"cut":' : GOOD));
    });
    const { requests, failed, firstFault } = await run({ ...load(port), perSecond: 100 });
    expect(requests).toBeGreaterThan(10);
    expect(failed).toBeGreaterThan(requests * 2);
    expect(firstFault).toContain('429');
  });

  it('does not take a gateway for fast that answers by itself', async () => {
    const own = openai.answer('I am a gateway and answer from my cache.');
    const port = await serve((_number, write) => write(answer('200 OK', own)));
    const { failed, firstFault } = await run({ ...load(port), perSecond: 50, connections: 50 });
    expect(failed).toBeGreaterThan(0);
    expect(firstFault).toContain("not the mock's answer");
  });

  it('keeps latencies of the odd size out', async () => {
    const port = await serve((number, write) => {
      if (number % 10 === 0) setTimeout(() => write(answer('200 OK', GOOD)), 3_000);
      else write(answer('200 OK', GOOD));
    });
    const mixed = { every: 10, bodyBytes: 4096 };
    const result = await run({ ...load(port), connections: 40, perSecond: 50, mixed });
    expect(result.requests).toBeGreaterThan(30);
    expect(result.latencyMicros.max).toBeLessThan(3_000_000);
  });
});
