// The configurations of docs/proxies, as they stand there, in the real nginx and haproxy: what a gateway's clients need
// of the proxy before it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { call, chatBody, chatPath, messagesBody, messagesPath, open } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { tryJson } from '../kit/json.ts';
import { type FrontProxy, type ProxyName, startProxy } from '../kit/proxy.ts';
import { rawCall, rawClient } from '../kit/raw.ts';
import { sleep, waitUntil } from '../kit/wait.ts';

const maxBodyBytes = 8_000_000;
const harness = useGateway({ server: { maxBodyBytes } });

const request = (model: string, version = '1.1', target = chatPath, ...lines: string[]) => {
  const body = JSON.stringify(chatBody(model));
  return [
    `POST ${target} HTTP/${version}`,
    'Host: gate.example.com',
    `Authorization: Bearer ${gateKey}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    ...lines,
    '',
    body,
  ].join('\r\n');
};

describe.each<ProxyName>(['nginx', 'haproxy'])('behind %s', (name) => {
  let proxy: FrontProxy;
  beforeAll(async () => {
    proxy = await startProxy(name, harness.port);
  });
  afterAll(() => proxy?.stop());

  test('calls, errors and health answer as they do without it', async () => {
    const answer = await call(proxy, chatPath, {
      body: chatBody('oa/ok'),
      headers: { 'x-request-id': 'mine-1' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['x-request-id']).toBe('mine-1');
    expect(answer.text).toBe(
      (await call(harness, chatPath, { body: chatBody('oa/ok') })).text.replace(
        /"id":"[^"]+"/,
        answer.text.match(/"id":"[^"]+"/)![0],
      ),
    );
    expect((await call(proxy, messagesPath, { body: messagesBody('an/ok'), key: 'wrong' })).status).toBe(401);
    expect((await call(proxy, '/readyz', { key: null })).status).toBe(200);
  });

  test('a stream arrives as it is made', async () => {
    const gate = `proxied-${name}`;
    const stream = open(proxy, chatPath, {
      body: chatBody(`oa/text:6+gate-after:3:${gate}`, { stream: true }),
    });
    await stream.seen('t2');
    expect(stream.over).toBe(false);
    harness.mock.open(gate);
    const whole = await stream.whole();
    expect(whole.text).toContain('t5');
    expect(whole.text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  test.concurrent('a stream that is silent for longer than idle connections live goes on', async () => {
    const whole = await call(proxy, messagesPath, {
      body: { ...messagesBody('an/text:6+pause-after:2:14000'), stream: true },
    });
    expect(whole.status).toBe(200);
    expect(whole.text).toContain('event: message_stop');
  });

  test.concurrent('calls after pauses around the end of idle connections are all answered', async () => {
    const clients = await Promise.all(
      Array.from({ length: 40 }, async (_, at) => {
        const client = await rawClient(proxy.port);
        await client.send(request('oa/ok'));
        expect((await client.answer()).status).toBe(200);
        await sleep(7_500 + at * 130);
        await client.send(request('oa/ok'));
        const [, second] = await client.answers(2);
        client.destroy();
        return second?.status;
      }),
    );
    expect(clients).toEqual(Array.from({ length: 40 }, () => 200));
  });

  test('a client that leaves ends the call', async () => {
    const model = `text:100000+pace:20+by-${name}`;
    const stream = open(proxy, chatPath, { body: chatBody(`oa/${model}`, { stream: true }) });
    await stream.seen('t3');
    const [seen] = harness.mock.requestsFor(model);
    stream.abort();
    await waitUntil(() => seen?.aborted, 'the upstream call to be aborted', 3_000);
  });

  test('large bodies pass both ways', async () => {
    const large = await call(proxy, chatPath, {
      body: { ...chatBody('oa/big:20000000'), pad: 'p'.repeat(5_000_000) },
    });
    expect(large.status).toBe(200);
    expect(large.bytes.length).toBeGreaterThan(20_000_000);
    expect(tryJson(large.text)).toBeTypeOf('object');
    expect(harness.mock.lastRequest().body.length).toBeGreaterThan(5_000_000);
    const chunked = await call(proxy, chatPath, {
      body: { ...chatBody('oa/ok'), pad: 'p'.repeat(100_000) },
      chunked: true,
    });
    expect(chunked.status).toBe(200);
  });

  test('a body beyond the cap gets our 413', async () => {
    const answer = await call(proxy, messagesPath, { body: 'x'.repeat(maxBodyBytes + 1_000_000) });
    expect(answer.status).toBe(413);
    expect(answer.json).toMatchObject({ type: 'error', error: { type: 'request_too_large' } });
    expect(answer.headers['x-request-id']).toBeTruthy();
  });

  test('clients that speak in absolute form are answered', async () => {
    const target = `http://gate.example.com${chatPath}`;
    const answer = await rawCall(proxy.port, request('oa/ok', '1.1', target, 'Connection: close'));
    expect(answer.status).toBe(200);
    expect(tryJson(answer.body)).toMatchObject({ object: 'chat.completion' });
  });

  // haproxy passes the client's version on.
  test(`HTTP/1.0 is ${name === 'nginx' ? 'answered' : 'refused'}`, async () => {
    const answer = await rawCall(proxy.port, request('oa/ok', '1.0', chatPath, 'Connection: close'));
    expect(answer.status).toBe(name === 'nginx' ? 200 : 505);
  });
});

test('without a proxy HTTP/1.0 is refused, as docs/operations.md says', async () => {
  expect((await rawCall(harness.port, request('oa/ok', '1.0'))).status).toBe(505);
});
