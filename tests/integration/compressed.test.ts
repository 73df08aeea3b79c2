// Answers that an edge compresses although asked not to, on every route and in both directions of translation: what the
// client sees is what it would have seen without.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  call,
  chatBody,
  chatPath,
  errorOf,
  messagesBody,
  messagesPath,
  open,
  textOf,
} from '../kit/client.ts';
import { type CompressingEdge, startEdge } from '../kit/compressing-edge.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { showOutput } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { childrenOf, hasProc, residentBytes } from '../kit/process.ts';
import { rawClient } from '../kit/raw.ts';
import { testConfig } from '../kit/test-config.ts';
import { sleep } from '../kit/wait.ts';

const codings = ['gzip', 'deflate', 'raw-deflate', 'br', 'zstd', 'gzip,br'];
const plainText = 'Hello from the mock provider, all is well.';

let mock: MockUpstream;
let edge: CompressingEdge;
let gateway: GatewayProcess;

beforeAll(async () => {
  mock = await startMock();
  edge = await startEdge(mock.port);
  const providers: Record<string, unknown> = {};
  for (const coding of [...codings, 'sdch']) {
    const name = coding.replace(',', '-');
    const shared = { auth: 'none', retries: { max: 0 } };
    providers[`oa-${name}`] = {
      dialect: 'openai-chat',
      baseUrl: `${edge.url(coding)}/v1`,
      models: ['*'],
      ...shared,
    };
    providers[`an-${name}`] = { dialect: 'anthropic', baseUrl: edge.url(coding), models: ['*'], ...shared };
  }
  gateway = await startGateway({ config: testConfig(mock, { providers }) });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
  edge.cutAt = null;
});
afterAll(async () => {
  await gateway?.stop();
  edge?.close();
  await mock?.close();
});

describe.each(codings.map((coding) => coding.replace(',', '-')))('%s', (coding) => {
  const routes = [
    ['chat, same dialect', chatPath, `oa-${coding}`, chatBody, 'choices.0.message.content'],
    ['chat, translated', chatPath, `an-${coding}`, chatBody, 'choices.0.message.content'],
    ['messages, same dialect', messagesPath, `an-${coding}`, messagesBody, 'content.0.text'],
    ['messages, translated', messagesPath, `oa-${coding}`, messagesBody, 'content.0.text'],
  ] as const;

  test.each(routes)('%s: a whole answer', async (_name, path, provider, body, text) => {
    const answer = await call(gateway, path, { body: body(`${provider}/ok`) });
    expect(answer.status).toBe(200);
    expect(pick(answer.json, text)).toBe(plainText);
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(Number(answer.headers['content-length'])).toBe(answer.bytes.length);
    expect(edge.accepted).toBe('identity');
  });

  test.each(routes)('%s: a stream, token by token', async (_name, path, provider, body) => {
    const gate = `${provider}-${path.length}`;
    const receiving = open(gateway, path, {
      body: body(`${provider}/gate-after:2:${gate}`, { stream: true }),
    });
    // The rest does not exist yet.
    await receiving.seen('Hello');
    expect(receiving.over).toBe(false);
    mock.open(gate);
    const answer = await receiving.whole();
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('text/event-stream');
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(textOf(answer.events)).toBe(plainText);
    expect(answer.text).toMatch(/\[DONE\]|message_stop/);
  });

  test.each(routes)('%s: a refusal keeps its words and status', async (_name, path, provider, body) => {
    for (const stream of [false, true]) {
      const answer = await call(gateway, path, {
        body: body(`${provider}/status:429:retry-after=7`, { stream }),
      });
      expect(answer.status).toBe(429);
      expect(answer.headers['retry-after']).toBe('7');
      expect(pick(errorOf(answer.json), 'message')).toContain('mock says 429');
    }
  });

  test.each(routes)('%s: cut compressed bytes are a broken answer', async (_name, path, provider, body) => {
    edge.cutAt = 60;
    const whole = await call(gateway, path, { body: body(`${provider}/text:200`) });
    expect(whole.status).toBe(502);
    expect(whole.text).toContain('broke off');
    const streamed = await call(gateway, path, { body: body(`${provider}/text:200`, { stream: true }) });
    expect(streamed.text).toContain('broke off');
    expect(streamed.text).not.toMatch(/\[DONE\]|message_stop/);
  });

  test('count_tokens', async () => {
    const answer = await call(gateway, '/v1/messages/count_tokens', {
      body: messagesBody(`an-${coding}/ok`),
    });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ input_tokens: 42 });
  });

  test('lists of models', async () => {
    const answer = await call(gateway, '/v1/models');
    const ids = (pick(answer.json, 'data') as { id: string }[]).map(({ id }) => id);
    expect(ids).toContain(`oa-${coding}/ok`);
    expect(ids).toContain(`an-${coding}/ok`);
  });
});

describe('an encoding nobody knows', () => {
  test.each([
    [chatPath, 'oa-sdch', chatBody],
    [messagesPath, 'oa-sdch', messagesBody],
    [messagesPath, 'an-sdch', messagesBody],
  ])('%s, %s: is named before the first byte', async (path, provider, body) => {
    for (const stream of [false, true]) {
      const answer = await call(gateway, path, { body: body(`${provider}/ok`, { stream }) });
      expect(answer.status).toBe(502);
      expect(pick(errorOf(answer.json), 'message')).toContain(
        'content encoding the gateway cannot read: sdch',
      );
      expect(answer.headers['x-request-id']).toBeTruthy();
    }
  });

  test('of a refusal costs its words only', async () => {
    const answer = await call(gateway, chatPath, { body: chatBody('oa-sdch/status:401') });
    expect(answer.status).toBe(401);
  });
});

test.runIf(hasProc)('a client that does not read keeps a compressed flood compressed', async () => {
  const [worker] = childrenOf(gateway.pid);
  const before = residentBytes(worker!);
  const flood = 400_000_000;
  const body = JSON.stringify(chatBody(`oa-gzip/fast-flood:${flood}`, { stream: true }));
  const client = await rawClient(gateway.port, { reading: false });
  await client.send(
    `POST ${chatPath} HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer ${gateKey}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  // Four hundred times less when compressed: all of it may lie with the gateway by then, but not in full.
  await mock.waitFor(
    (request) => request.model === `fast-flood:${flood}` && request.bytesOut > flood / 4,
    60_000,
  );
  await sleep(300);
  expect(residentBytes(worker!) - before).toBeLessThan(80_000_000);
  client.destroy();
});
