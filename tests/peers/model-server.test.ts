// Model servers in Python on grpcio, whose messages protoc makes, behind a real gateway.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import { call, chatPath } from '../kit/client.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { root } from '../kit/program.ts';
import { waitUntil } from '../kit/wait.ts';
import { pythonFor } from './python.ts';

const folder = path.join(import.meta.dirname, 'model-server');
/** The same as of the example of a plugin: one environment for both. */
const requirements = path.join(root, 'docs/examples/plugins/python/requirements.txt');
const lines: string[] = [];
let server: ChildProcess | undefined;
let gateway: GatewayProcess | undefined;

afterAll(async () => {
  server?.kill('SIGKILL');
  await gateway?.stop();
});

/** Its packages have never been loaded before on a machine that has just got them, and others do the same beside it. */
const START_MS = 180_000;

const turn = (text: string) => [{ role: 'user', content: text }];
const post = (route: string, body: object) => call(gateway!, route, { key: gateKey, body });

/** Its words, from a stream of Chat Completions. */
function textOf(body: string): string {
  return [...body.matchAll(/"content":"([^"]*)"/g)].map(([, text]) => text).join('');
}

test('model servers in Python are asked and streamed, refuse, are left, and are called by jobs', async (context) => {
  const python = pythonFor(context, requirements);
  server = spawn(python, [path.join(folder, 'server.py')], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: server.stdout! }).on('line', (line) => lines.push(line));
  const listening = await waitUntil(
    () => lines.find((line) => line.startsWith('listening on ')),
    'the server',
    START_MS,
  );
  const baseUrl = `grpc://127.0.0.1:${listening.slice('listening on '.length)}`;
  const retries = { max: 0 };
  gateway = await startGateway({
    config: {
      auth: { keys: [gateKey] },
      providers: {
        oip: {
          vendor: 'kserve',
          baseUrl,
          retries,
          keys: ['sk-of-the-server'],
          timeouts: { totalMs: 90_000 },
        },
        triton: { vendor: 'triton', baseUrl, retries },
        ml: {
          vendor: 'grpc',
          baseUrl,
          retries,
          grpc: {
            proto: readFileSync(path.join(folder, 'llm.proto'), 'utf8'),
            method: 'ml.Llm/Talk',
            request: { text: '{{prompt}}', limit: '{{max_tokens}}' },
            answer: { text: 'choices.0.text', finishReason: 'reason', outputTokens: 'tokens' },
          },
        },
      },
      operations: {
        judge: {
          method: 'ml/ml.Llm/Judge',
          request: { text: '{{payload.text}}', tags: { by: '{{payload.by}}' }, extra: '{{payload.extra}}' },
        },
      },
    },
  });

  const whole = await post('/v1/messages', { model: 'oip/m', max_tokens: 9, messages: turn('größer') });
  expect([whole.status, JSON.parse(whole.text).content]).toEqual([
    200,
    [{ type: 'text', text: 'You said: größer' }],
  ]);
  // Its words come by another way than its answers.
  await waitUntil(() => lines.includes('authorization Bearer sk-of-the-server'), 'the key at the server');
  const left = Number(lines.find((line) => line.startsWith('deadline '))!.slice('deadline '.length));
  expect(left).toBeGreaterThan(20);
  expect(left).toBeLessThanOrEqual(90);

  const busy = await post(chatPath, { model: 'oip/m', messages: turn('busy') });
  expect([busy.status, busy.headers['retry-after']]).toEqual([429, '7']);
  expect(busy.text).toContain('too many of you');

  const streamed = await post(chatPath, { model: 'triton/m', messages: turn('hi'), stream: true });
  expect([streamed.status, textOf(streamed.text)]).toEqual([200, 'You said: hi']);
  expect(streamed.text).toContain('[DONE]');

  const leaving = new AbortController();
  const response = await fetch(`${gateway.url}${chatPath}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'triton/m', messages: turn('hang'), stream: true }),
    signal: leaving.signal,
  });
  await response.body!.getReader().read();
  leaving.abort();
  await waitUntil(() => lines.includes('left'), 'the server to be left');

  const talk = {
    model: 'ml/any',
    messages: turn('one two three'),
    stream: true,
    stream_options: { include_usage: true },
  };
  const all = await post(chatPath, talk);
  expect(textOf(all.text)).toBe('one two three ');
  expect(all.text).toContain('"finish_reason":"stop"');
  const cut = await post(chatPath, { ...talk, max_tokens: 2 });
  expect(textOf(cut.text)).toBe('one two ');
  expect(cut.text).toContain('"finish_reason":"length"');
  expect(cut.text).toContain('"completion_tokens":2');

  const judged = await post('/jobs/judge', { text: 'it broke', by: 'me', extra: { deep: [1, null] } });
  expect([judged.status, JSON.parse(judged.text)]).toEqual([
    200,
    { label: 'bug', score: 0.25, because: ['me', 'deep'] },
  ]);
});
