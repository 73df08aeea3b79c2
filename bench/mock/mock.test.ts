// The mock as a process: every dialect, whole and streamed, and every failure.
import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Dialect, Mock } from '../contract.ts';
import { stop } from '../processes.ts';
import { mockPath, startMock } from './mock.ts';
import { ANSWER_OPENING } from './script.ts';

let mock: Mock;
beforeAll(async () => {
  mock = await startMock([0]);
});
afterAll(() => stop(mock.child));
beforeEach(() => mock.reset());

interface Reply {
  status: number;
  type: string;
  body: Buffer;
  whole: boolean;
}

function call(path: string, body: object | string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const req = request({ port: mock.port, host: '127.0.0.1', method: 'POST', path, agent: false }, (res) => {
      const parts: Buffer[] = [];
      const settle = (whole: boolean): void =>
        resolve({
          status: res.statusCode ?? 0,
          type: String(res.headers['content-type']),
          body: Buffer.concat(parts),
          whole,
        });
      res.on('data', (part) => parts.push(part));
      res.on('end', () => settle(true));
      res.on('error', () => settle(false));
    });
    req.on('error', reject);
    req.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

const TEXT: Readonly<Record<Dialect, (answer: never) => string>> = {
  openai: (answer: { choices: { message: { content: string } }[] }) => answer.choices[0]!.message.content,
  responses: (answer: { output: { content: { text: string }[] }[] }) => answer.output[0]!.content[0]!.text,
  anthropic: (answer: { content: { text: string }[] }) => answer.content[0]!.text,
  gemini: (answer: { candidates: { content: { parts: { text: string }[] } }[] }) =>
    answer.candidates[0]!.content.parts[0]!.text,
  bedrock: (answer: { output: { message: { content: { text: string }[] } } }) =>
    answer.output.message.content[0]!.text,
};
const DIALECTS = Object.keys(TEXT) as Dialect[];

/** Numbers of the deltas in the order they came. */
const numbers = (body: Buffer): number[] =>
  [...body.toString('latin1').matchAll(/t(\d+)@\d{14} /g)].map((match) => Number(match[1]));

describe('mock provider', () => {
  it.each(DIALECTS)('answers %s with as much content as it was told', async (dialect) => {
    for (const answerBytes of [240, 1_000_000]) {
      await mock.set({ answerBytes });
      const { status, type, body } = await call(mockPath(dialect), { model: 'm', messages: [] });
      expect([status, type]).toEqual([200, 'application/json']);
      const text = TEXT[dialect](JSON.parse(body.toString()) as never);
      expect(text).toHaveLength(answerBytes);
      expect(text.startsWith(ANSWER_OPENING)).toBe(true);
    }
  });

  it.each(DIALECTS)('streams %s in order and to its end', async (dialect) => {
    const ends: Record<Dialect, string> = {
      openai: 'data: [DONE]\n\n',
      responses: 'event: response.completed',
      anthropic: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
      gemini: '"finishReason":"STOP"',
      bedrock: 'metadata',
    };
    for (const everyMs of [0, 2]) {
      await mock.set({ deltas: 12, everyMs });
      const { status, body, whole } = await call(mockPath(dialect, true), { stream: true });
      expect([status, whole]).toEqual([200, true]);
      expect(numbers(body)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
      expect(body.toString('latin1')).toContain(ends[dialect]);
    }
  });

  it('reports usage of an OpenAI stream only when asked', async () => {
    await mock.set({ deltas: 2, everyMs: 0 });
    const plain = await call(mockPath('openai'), { stream: true });
    const asked = await call(mockPath('openai'), { stream: true, stream_options: { include_usage: true } });
    expect(plain.body.includes('"usage"')).toBe(false);
    expect(asked.body.includes('"completion_tokens":2')).toBe(true);
  });

  it('takes bodies of 5 MB', async () => {
    const { status } = await call(mockPath('openai'), { messages: [{ content: 'x'.repeat(5_000_000) }] });
    expect(status).toBe(200);
  });

  it('fails one of so many calls with the status it was told, in the words of the dialect', async () => {
    await mock.set({ failEvery: 1, failAs: 529 });
    const { status, body } = await call(mockPath('anthropic'), {});
    expect([status, JSON.parse(body.toString()).error.type]).toEqual([529, 'overloaded_error']);
    await mock.set({ failEvery: 2, failAs: 429 });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await call(mockPath('openai'), {})).status);
    expect(statuses.toSorted()).toEqual([200, 200, 200, 429, 429, 429]);
  });

  it('resets before the head, and cuts in the middle', async () => {
    await mock.set({ failEvery: 1, failAs: 'reset', deltas: 10, everyMs: 1 });
    await expect(call(mockPath('openai'), {})).rejects.toThrow();
    await mock.set({ failAs: 'cut' });
    const half = await call(mockPath('openai'), {});
    expect([half.whole, half.body.length > 0]).toEqual([false, true]);
    const stream = await call(mockPath('openai'), { stream: true });
    expect([stream.whole, numbers(stream.body)]).toEqual([false, [0, 1, 2, 3, 4]]);
  });

  it('counts what it answered and refuses behaviour it does not know', async () => {
    const before = await mock.usage();
    await call(mockPath('openai'), {});
    const after = await mock.usage();
    expect(after.requests - before.requests).toBe(1);
    expect(after.cpuMicros).toBeGreaterThan(before.cpuMicros);
    await expect(mock.set({ delayMs: -1 })).rejects.toThrow('delayMs cannot be -1');
    await expect(mock.set({ delay: 1 } as never)).rejects.toThrow('no such behaviour: delay');
  });

  it('answers a call only after the delay it was told', async () => {
    await mock.set({ delayMs: 40 });
    const start = performance.now();
    await call(mockPath('openai'), {});
    expect(performance.now() - start).toBeGreaterThan(38);
  });
});
