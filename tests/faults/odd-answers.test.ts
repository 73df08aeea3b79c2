// Answers that are wrong in ways no script of the mock has, byte by byte, streamed and whole: the caller gets all of the answer from the
// fallback (or from what came, where that is all of it), and the provider is asked no more often than its retries say.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { call, chatBody, chatPath, errorOf, textOf } from '../kit/client.ts';
import { gateKey, type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { showOutput } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';

const WORDS = Array.from({ length: 30 }, (_, at) => `wörd${at} `);
const WHOLE = WORDS.join('');
const RETRIES = 2;

const event = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'x', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const said = (from: number, to: number): string =>
  WORDS.slice(from, to)
    .map((content) => event({ content }))
    .join('');
const END = `${event({}, 'stop')}data: [DONE]\n\n`;
const begun = event({ role: 'assistant', content: '' }) + said(0, 10);
const ANSWER = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'x',
  choices: [{ index: 0, message: { role: 'assistant', content: WHOLE }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 30, total_tokens: 31 },
});

const head = (status: number, type: string, more = ''): string =>
  `HTTP/1.1 ${status} Said\r\ncontent-type: ${type}\r\nconnection: close\r\n${more}\r\n`;
const stream = (events: string): string => head(200, 'text/event-stream') + events;
const json = (status: number, body: string, more = '', length = Buffer.byteLength(body)): string =>
  head(status, 'application/json', `content-length: ${length}\r\n${more}`) + body;
const tooLong = (status: number, type: string, code: string | null): string => {
  const message =
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.";
  return json(status, JSON.stringify({ error: { message, type, param: 'messages', code } }));
};
const whole = json(200, ANSWER);
/** Up to the middle of the first character of two bytes behind it. */
const cutCharacter = (): Buffer => {
  const bytes = Buffer.from(stream(begun + event({ content: WORDS[10]! })));
  return bytes.subarray(0, bytes.lastIndexOf(Buffer.from('ö')) + 1);
};

type Odd = string | Buffer;
/** What is said to who wants a stream, and to who does not; how often it may be asked. */
const ODD: Readonly<Record<string, { streamed: Odd; whole: Odd; most?: number }>> = {
  'a stream that ends within a character': { streamed: cutCharacter(), whole, most: 1 },
  'HTML within a stream': { streamed: stream(`${begun}<html>502</html>\n\n`), whole, most: 1 },
  'an event within a stream that is cut short': {
    streamed: stream(`${begun}data: {"choices":[{"delta"\n\n${said(10, 30)}${END}`),
    whole,
    most: 1,
  },
  'garbage behind the end': { streamed: stream(`${said(0, 30)}${END}data: {x\n\n<html>\0`), whole, most: 1 },
  'the end, twice': {
    streamed: stream(`${said(0, 30)}${event({}, 'stop')}${END}data: [DONE]\n\n`),
    whole,
    most: 1,
  },
  'chunks that are none': {
    streamed: `${head(200, 'text/event-stream', 'transfer-encoding: chunked\r\n')}${Buffer.byteLength(begun).toString(16)}\r\n${begun}\r\nzz\r\nno`,
    whole: `${head(200, 'application/json', 'transfer-encoding: chunked\r\n')}5\r\n{"id"\r\nzz\r\nno`,
  },
  'HTML with status 200': {
    streamed: `${head(200, 'text/html')}<html>`,
    whole: `${head(200, 'text/html')}<html>`,
  },
  'HTML that says it is JSON': { streamed: json(200, '<html>'), whole: json(200, '<html>') },
  'JSON that is cut short': {
    streamed: json(200, ANSWER.slice(0, 200)),
    whole: json(200, ANSWER.slice(0, 200)),
  },
  'an object with nothing in it': { streamed: json(200, '{}'), whole: json(200, '{}') },
  'nothing at all': { streamed: json(200, ''), whole: json(200, '') },
  'more bytes than were announced': {
    streamed: json(200, ANSWER, '', 200),
    whole: json(200, ANSWER, '', 200),
  },
  'fewer bytes than were announced': {
    streamed: json(200, ANSWER, '', 9_000),
    whole: json(200, ANSWER, '', 9_000),
  },
  'an answer larger than any': {
    streamed: json(200, ANSWER, '', 9_000_000_000),
    whole: json(200, ANSWER, '', 9_000_000_000),
    most: 1,
  },
  'compression that is none': {
    streamed: json(200, ANSWER, 'content-encoding: gzip\r\n'),
    whole: json(200, ANSWER, 'content-encoding: gzip\r\n'),
  },
  ...Object.fromEntries(
    [
      ['a 429 that is to be waited for too long', json(429, '{}', 'retry-after: 120\r\n')],
      [
        'a context that is too small, as a 400',
        tooLong(400, 'invalid_request_error', 'context_length_exceeded'),
      ],
      ['as a 413', tooLong(413, 'invalid_request_error', null)],
      ['as a 422', tooLong(422, 'invalid_request_error', 'string_above_max_length')],
      ['as a 500', tooLong(500, 'server_error', null)],
      ['as a 200', tooLong(200, 'invalid_request_error', 'context_length_exceeded')],
    ].map(([name, odd]) => [name, { streamed: odd!, whole: odd!, most: 1 }]),
  ),
};

/** By the model that was asked for. */
const asked = new Map<string, number>();
const names = Object.keys(ODD);
const servers: Server[] = [];
let gateway: GatewayProcess;

/** Answers each request and closes; a model is `odd<n>`, any other gets the whole answer. */
function answer(socket: Socket): void {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    const at = text.indexOf('\r\n\r\n') + 4;
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (at < 4 || text.length < at + length) return;
    const { model, stream: streams } = JSON.parse(text.slice(at)) as { model: string; stream?: boolean };
    const key = `${model} ${streams === true}`;
    asked.set(key, (asked.get(key) ?? 0) + 1);
    const odd = ODD[names[Number(/^odd(\d+)$/.exec(model)?.[1] ?? -1)] ?? ''];
    const well = streams === true ? stream(said(0, 30) + END) : whole;
    socket.end(odd === undefined ? well : streams === true ? odd.streamed : odd.whole);
  });
}

beforeAll(async () => {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens, and on no pipe
  const provider = {
    dialect: 'openai-chat',
    baseUrl: `http://127.0.0.1:${port}/v1`,
    keys: [{ value: 'sk-odd' }],
    models: ['*'],
    retries: { max: RETRIES, backoffMs: 10, maxBackoffMs: 40 },
    // What one case does to the provider is not the other's to suffer.
    breaker: { failures: 0 },
    cooldown: { maxMs: 0 },
  };
  const models = Object.fromEntries(
    names.map((_, at) => [
      `m${at}`,
      {
        targets: [`first/odd${at}`],
        fallbacks: [{ on: ['error', 'rate_limit', 'timeout', 'context_window'], to: 'second/well' }],
      },
    ]),
  );
  const providers = { first: provider, second: provider };
  gateway = await startGateway({ config: { auth: { keys: [gateKey] }, providers, models } });
});
afterAll(async () => {
  await gateway?.stop(3_000);
  for (const server of servers) server.close();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
});

test.each(names.map((name, at) => [name, at] as const))('U08 U21: %s', async (name, at) => {
  const { most = 1 + RETRIES } = ODD[name]!;
  const [streamed, plain] = await Promise.all([
    call(gateway, chatPath, { body: { ...chatBody(`m${at}`), stream: true } }),
    call(gateway, chatPath, { body: chatBody(`m${at}`) }),
  ]);
  expect([streamed.status, textOf(streamed.events)]).toEqual([200, WHOLE]);
  expect(streamed.events.filter(({ json: told }) => errorOf(told) !== undefined)).toEqual([]);
  expect(streamed.text.match(/data: \[DONE\]/g)).toHaveLength(1);
  expect([plain.status, pick(plain.json, 'choices.0.message.content')]).toEqual([200, WHOLE]);
  for (const streams of [true, false]) {
    const times = asked.get(`odd${at} ${streams}`)!;
    expect(times).toBeGreaterThanOrEqual(1);
    expect(times).toBeLessThanOrEqual(most);
  }
});
