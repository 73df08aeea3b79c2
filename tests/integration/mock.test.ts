// The mock provider itself: both vendors' SDKs must take it for the real thing, or every test built on it means nothing.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { call, chatBody, chatPath, messagesBody, messagesPath, open, textOf } from '../kit/client.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { rawClient } from '../kit/raw.ts';
import { waitUntil } from '../kit/wait.ts';

let mock: MockUpstream;
let openai: OpenAI;
let anthropic: Anthropic;
beforeAll(async () => {
  mock = await startMock();
  openai = new OpenAI({ baseURL: mock.openaiUrl, apiKey: 'k', maxRetries: 0 });
  anthropic = new Anthropic({ baseURL: mock.anthropicUrl, apiKey: 'k', maxRetries: 0 });
});
beforeEach(() => mock.clear());
afterAll(() => mock.close());

const hello = [{ role: 'user' as const, content: 'hello' }];
const target = () => ({ url: mock.anthropicUrl });
const plainText = 'Hello from the mock provider, all is well.';

test('the OpenAI SDK reads its answers and streams', async () => {
  for (const spelling of ['ok', 'crlf', 'cr', 'split:1', 'bom', 'comments', 'one-write']) {
    const final = await openai.chat.completions
      .stream({ model: spelling, messages: hello, stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(final.choices[0]?.message.content).toBe(plainText);
    expect(final.usage?.total_tokens).toBe(20);
  }
  const whole = await openai.chat.completions.create({ model: 'parallel-tools', messages: hello });
  expect(whole.choices[0]?.message.tool_calls).toHaveLength(2);
});

test('the Anthropic SDK reads its answers and streams', async () => {
  for (const spelling of ['thinking', 'thinking+crlf', 'thinking+cr', 'thinking+split:1', 'thinking+bom']) {
    const final = await anthropic.messages
      .stream({ model: spelling, max_tokens: 100, messages: hello })
      .finalMessage();
    expect(final.content.map((block) => block.type)).toEqual(['thinking', 'text']);
    expect(final.content[1]).toMatchObject({ text: plainText });
  }
  const whole = await anthropic.messages.create({
    model: 'parallel-tools',
    max_tokens: 100,
    messages: hello,
  });
  expect(whole.content).toHaveLength(2);
});

test('it refuses what the vendor would refuse', async () => {
  await expect(
    openai.chat.completions.create({
      model: 'ok',
      messages: [...hello, { role: 'tool', tool_call_id: 'x', content: '1' }],
    }),
  ).rejects.toThrow('no open call');
  const untold = await call(target(), messagesPath, { body: chatBody('ok') });
  expect(untold.status).toBe(400);
  expect(untold.text).toContain('max_tokens');
  expect(untold.text).toContain('anthropic-version');
});

describe('faults', () => {
  const stream = (model: string) => open(target(), chatPath, { body: chatBody(model, { stream: true }) });

  test('cuts break the connection, ends do not', async () => {
    for (const fault of ['cut-fin-after:2', 'cut-rst-after:2', 'cut-cl-after:2'])
      await expect(stream(fault).whole()).rejects.toThrow();
    const ended = await stream('end-after:2').whole();
    expect(textOf(ended.events)).toBe('Hello from');
    expect(ended.text).not.toContain('[DONE]');
  });

  test('flaky models fail first, by model name', async () => {
    const status = async (model: string) =>
      (await call(target(), chatPath, { body: chatBody(model) })).status;
    expect([await status('flaky:2:503'), await status('flaky:2:503'), await status('flaky:2:503')]).toEqual([
      503, 503, 200,
    ]);
    expect(await status('flaky:1:429')).toBe(429);
    expect(await status('flaky:1:429')).toBe(200);
  });

  test('it notices when its caller leaves, and only then', async () => {
    const going = stream('text:100+pace:10');
    await going.seen('t3');
    going.abort();
    const request = await mock.waitFor((each) => each.aborted);
    expect(request.answeredAt).toBe(0);
    await stream('ok').whole();
    expect(mock.lastRequest().aborted).toBe(false);
    await waitUntil(() => mock.running() === 0, 'both of them to be over');
  });

  test('a gate holds an answer until it is opened', async () => {
    const held = open(target(), messagesPath, {
      body: messagesBody('gate:x'),
      headers: { 'anthropic-version': '2023-06-01' },
    });
    await mock.waitForCount('gate:x', 1);
    expect(held.status).toBe(0);
    mock.open('x');
    expect((await held.whole()).status).toBe(200);
  });

  test('bodies are recorded as they came, also in chunks', async () => {
    const parts = ['{"mod', 'el":"x', '","messages":[{"role":"user",  ', '"content":""}]', '}', ''];
    const bytes = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
    const client = await rawClient(mock.port);
    await client.send(`POST ${chatPath} HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (let at = 0; at < bytes.length; at += 7) await client.send(bytes.slice(at, at + 7));
    expect((await client.answer()).status).toBe(200);
    expect(mock.lastRequest().body.toString()).toBe(parts.join(''));
    client.destroy();
  });
});
