// Signs of life of streams that are silent, through both listeners, to clients of every dialect that has some. What a provider does
// meanwhile is told by gates: nothing here waits for a clock to be right, only for the signs themselves.
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { CohereClientV2 } from 'cohere-ai';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import type { DialectName } from '../../src/contracts/dialect.ts';
import { call, chatBody, chatPath, messagesBody, messagesPath, open } from '../kit/client.ts';
import { gateKey } from '../kit/gateway.ts';
import { useGateway } from '../kit/harness.ts';
import { hear } from '../kit/heard.ts';
import { freePort } from '../kit/port.ts';
import { waitUntil } from '../kit/wait.ts';

const WHOLE = Array.from({ length: 60 }, (_, at) => `t${at}`).join(' ');
const SECOND_MS = 1_000;
const beside = await freePort();

interface Client {
  dialect: DialectName;
  name: string;
  path(model: string): string;
  body(model: string): unknown;
  sign: string;
}

const inGemini = { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] };
const comment = ': keep-alive\n\n';
const CLIENTS: readonly Client[] = [
  {
    dialect: 'openai-chat',
    name: 'Chat',
    path: () => chatPath,
    body: (model) => chatBody(model, { stream: true }),
    sign: comment,
  },
  {
    dialect: 'anthropic',
    name: 'Messages',
    path: () => messagesPath,
    body: (model) => messagesBody(model, { stream: true }),
    sign: 'event: ping\ndata: {"type": "ping"}\n\n',
  },
  {
    dialect: 'openai-responses',
    name: 'Responses',
    path: () => '/v1/responses',
    body: (model) => ({ model, input: 'hello', stream: true }),
    sign: comment,
  },
  {
    dialect: 'gemini',
    name: 'Gemini',
    path: (model) => `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    body: () => inGemini,
    sign: '\n',
  },
  {
    dialect: 'cohere',
    name: 'Cohere',
    path: () => '/v2/chat',
    body: (model) => chatBody(model, { stream: true }),
    sign: comment,
  },
];

/** What waits behind a gate of its own, and who answers in its place. */
const models: Record<string, object> = {};
for (const { name } of CLIENTS) {
  models[`late-${name}`] = { targets: [`oa/text:60+gate:late-${name}`, 'an/ok'] };
  models[`other-${name}`] = { targets: [`oa/status:503+gate:other-${name}`, `an/text:60+other-${name}`] };
  models[`no-${name}`] = { targets: [`an/status:400+gate:no-${name}`, 'oa/ok'] };
  models[`within-${name}`] = { targets: [`oa/text:60+gate-after:20:within-${name}`] };
}
models['true-status'] = { gate: true, targets: ['an/status:400+gate:true-status', 'oa/ok'] };

const harness = useGateway(
  {
    server: {
      heartbeat: {
        intervalMs: 200,
        beforeAnswer: true,
        dialects: ['openai-chat', 'openai-responses', 'anthropic', 'gemini', 'cohere'],
      },
      listeners: [{ port: beside, engine: 'node', host: '127.0.0.1' }],
    },
    models,
  },
  { concurrent: true },
);

const ask = ({ path, body }: Client, model: string) => open(harness, path(model), { body: body(model) });

/** Bytes of `sign` behind each other at the end of what came. */
const signsAtEnd = (text: string, sign: string): number => {
  let count = 0;
  while (text.endsWith(sign.repeat(count + 1)) && sign.length * (count + 1) <= text.length) count++;
  return count;
};

const silent = (receiving: { text: string }, sign: string) =>
  waitUntil(() => signsAtEnd(receiving.text, sign) >= 2, 'two signs of life', 20 * SECOND_MS);

describe.each(CLIENTS.map((client) => [client.name, client] as const))('a client of %s', (name, client) => {
  test.concurrent('C19: hears of a stream whose answer has not begun, and then the answer', async () => {
    const receiving = ask(client, `late-${name}`);
    await silent(receiving, client.sign);
    expect([receiving.status, receiving.text.replaceAll(client.sign, '')]).toEqual([200, '']);
    expect(receiving.headers['content-type']).toMatch(/^text\/event-stream/);
    expect(receiving.headers['x-request-id']).toBeTruthy();
    harness.mock.open(`late-${name}`);
    const heard = hear((await receiving.whole()).text, client.dialect);
    expect([heard.text, heard.clean]).toEqual([WHOLE, true]);
  });

  test.concurrent('C19: whose first target fails meanwhile has the answer of the next, once', async () => {
    const receiving = ask(client, `other-${name}`);
    await silent(receiving, client.sign);
    harness.mock.open(`other-${name}`);
    const heard = hear((await receiving.whole()).text, client.dialect);
    expect([heard.text, heard.clean]).toEqual([WHOLE, true]);
    expect(harness.mock.requestsFor(`text:60+other-${name}`)).toHaveLength(1);
  });

  test.concurrent('C19: is told a late refusal as the end of its stream, in its own dialect', async () => {
    const receiving = ask(client, `no-${name}`);
    await silent(receiving, client.sign);
    harness.mock.open(`no-${name}`);
    const { text } = await receiving.whole();
    const heard = hear(text, client.dialect);
    expect([heard.text, heard.clean]).toEqual(['', false]);
    expect(text).toMatch(/"(?:error|type)":.*mock/s);
    const id = receiving.headers['x-request-id'];
    await waitUntil(
      () => harness.gateway.logs().some((line) => line['id'] === id && line['msg'] === 'request'),
      'its access line',
    );
  });

  test.concurrent('C19: hears that a model thinks for long, between two events', async () => {
    const receiving = ask(client, `within-${name}`);
    // On a machine that stands still there are signs of life before its first words as well.
    await waitUntil(() => receiving.text.includes('t19'), 'what was said before the pause');
    await silent(receiving, client.sign);
    harness.mock.open(`within-${name}`);
    const heard = hear((await receiving.whole()).text, client.dialect);
    expect([heard.text, heard.clean]).toEqual([WHOLE, true]);
  });
});

test.concurrent('C19: a list of Gemini that is silent is white space, and stays one list', async () => {
  const path = '/v1beta/models/oa%2Ftext:60+gate:list:streamGenerateContent';
  const receiving = open(harness, path, { body: inGemini });
  await silent(receiving, '\n');
  harness.mock.open('list');
  const { json } = await receiving.whole();
  expect(JSON.stringify(json)).toContain('t59');
});

test.concurrent('C19: with `gate: true` nothing is said before the answer, and a failure has its true status', async () => {
  const [, messages] = CLIENTS;
  const gated = ask(messages!, 'true-status');
  const other = ask(messages!, 'an/gate:beside-true-status');
  await silent(other, messages!.sign);
  await silent(other, messages!.sign);
  expect(gated.status).toBe(0);
  harness.mock.open('true-status');
  harness.mock.open('beside-true-status');
  expect((await gated.whole()).status).toBe(400);
});

test.concurrent('C19: a stream of Converse is silent, whole answers and refusals before a provider is asked are as ever', async () => {
  const path = `/model/${encodeURIComponent('oa/text:60+gate:converse')}/converse-stream`;
  const body = { messages: [{ role: 'user', content: [{ text: 'hello' }] }] };
  const converse = open(harness, path, { body });
  const whole = open(harness, chatPath, { body: chatBody('oa/text:60+gate:converse+whole') });
  const other = ask(CLIENTS[1]!, 'an/gate:converse+beside');
  await silent(other, CLIENTS[1]!.sign);
  expect([converse.status, whole.status]).toEqual([0, 0]);
  harness.mock.open('converse');
  expect([(await converse.whole()).status, (await whole.whole()).status]).toEqual([200, 200]);
  expect((await call(harness, messagesPath, { key: 'sk-nobody', body: messagesBody('oa/ok') })).status).toBe(
    401,
  );
});

test.concurrent.each(['late', 'within'])('C19: through a listener of node: %s', async (when) => {
  const messages = CLIENTS[1]!;
  const gate = `node-${when}`;
  const model = when === 'late' ? `oa/text:60+gate:${gate}` : `oa/text:60+gate-after:20:${gate}`;
  const receiving = open({ url: `http://127.0.0.1:${beside}` }, messagesPath, { body: messages.body(model) });
  await silent(receiving, messages.sign);
  harness.mock.open(gate);
  const heard = hear((await receiving.whole()).text, 'anthropic');
  expect([heard.text, heard.clean]).toEqual([WHOLE, true]);
});

test.concurrent('C19: through a listener of node a late refusal ends the stream too', async () => {
  const messages = CLIENTS[1]!;
  const url = `http://127.0.0.1:${beside}`;
  const receiving = open({ url }, messagesPath, { body: messages.body('an/status:400+gate:node-no') });
  await silent(receiving, messages.sign);
  harness.mock.open('node-no');
  expect((await receiving.whole()).events.at(-1)?.event).toBe('error');
});

describe('C19: vendors’ SDKs read past the signs of', () => {
  const silence = 800;
  const slow = `oa/text:60+slow-head:${silence}+pause-after:20:${silence}`;
  const hello = [{ role: 'user' as const, content: 'hello' }];
  const openai = () => new OpenAI({ baseURL: `${harness.url}/v1`, apiKey: gateKey, maxRetries: 0 });

  test.concurrent('Chat', async () => {
    let text = '';
    const stream = await openai().chat.completions.create({ model: slow, messages: hello, stream: true });
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(WHOLE);
  });

  test.concurrent('Responses', async () => {
    const stream = openai().responses.stream({ model: slow, input: 'hello' });
    expect((await stream.finalResponse()).output_text).toBe(WHOLE);
  });

  test.concurrent('Messages', async () => {
    const client = new Anthropic({ baseURL: harness.url, apiKey: gateKey, maxRetries: 0 });
    const stream = client.messages.stream({ model: slow, max_tokens: 400, messages: hello });
    expect(await stream.finalText()).toBe(WHOLE);
  });

  test.concurrent('Gemini', async () => {
    const client = new GoogleGenAI({ apiKey: gateKey, httpOptions: { baseUrl: harness.url } });
    let text = '';
    for await (const chunk of await client.models.generateContentStream({ model: slow, contents: 'hello' }))
      text += chunk.text ?? '';
    expect(text).toBe(WHOLE);
  });

  test.concurrent('Cohere', async () => {
    const client = new CohereClientV2({ environment: harness.url, token: gateKey, maxRetries: 0 });
    let text = '';
    for await (const event of await client.chatStream({ model: slow, messages: hello }))
      if (event.type === 'content-delta') text += event.delta?.message?.content?.text ?? '';
    expect(text).toBe(WHOLE);
  });
});
