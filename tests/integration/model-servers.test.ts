// Model servers by gRPC behind a real gateway: every dialect's clients, lanes, fallbacks, a client that leaves, a server that dies, and
// JSON jobs to a method.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { status as Code } from '@grpc/grpc-js';
import { call, chatBody, chatPath } from '../kit/client.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { type GrpcHandlers, type RunningGrpc, startGrpcServer } from '../kit/grpc-server.ts';
import { freePort } from '../kit/port.ts';
import { readMessage, textTensor, writeMessage } from '../kit/model-protos.ts';

const SERVICE = 'inference.GRPCInferenceService';
const PROTO = `syntax = "proto3"; package shop;
  service Scorer { rpc Score(Text) returns (Scored); rpc Slow(Text) returns (Scored); }
  message Text { string text = 1; repeated string labels = 2; Limits limits = 3; message Limits { optional int32 top = 1; } }
  message Scored { string label = 1; double score = 2; }`;

let good: RunningGrpc;
let bad: RunningGrpc;
let scorer: RunningGrpc;
let gateway: GatewayProcess;
let metrics: { server: Server; url: string };
let cancelled = 0;
let refusal: number = Code.UNAVAILABLE;
const prompts: string[] = [];
const scored: Buffer[] = [];

/** Pages of two servers: one has a queue. */
async function startMetrics(): Promise<typeof metrics> {
  const server = createServer(({ url }, response) => {
    const waiting = url === '/busy' ? 5 : 0;
    response.end(
      `vllm:num_requests_waiting{engine="0"} ${waiting}.0\nvllm:num_requests_running{engine="0"} 2.0\n`,
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Says the prompt back, word by word; `hang` says one word and no more. */
async function startTriton(port: number): Promise<RunningGrpc> {
  const handlers: GrpcHandlers = {
    bidi: {
      ModelStreamInfer(stream) {
        const say = (text: string) =>
          stream.write(
            writeMessage('inference.ModelStreamInferResponse', {
              infer_response: { outputs: [textTensor('text_output', text)] },
            }),
          );
        let hangs = false;
        stream.on('data', (bytes: Buffer) => {
          const { inputs } = readMessage('inference.ModelInferRequest', bytes);
          const prompt = String(inputs[0].contents.bytes_contents[0]);
          prompts.push(prompt);
          hangs = prompt.includes('hang');
          if (hangs) say('wait');
          else for (const word of ['You', ' said: ', prompt]) say(word);
        });
        stream.on('end', () => {
          if (!hangs) stream.end();
        });
        stream.on('cancelled', () => cancelled++);
      },
    },
  };
  return startGrpcServer(SERVICE, handlers, { port });
}

beforeAll(async () => {
  // It comes again at the same place: nobody else may have that meanwhile.
  good = await startTriton(await freePort());
  bad = await startGrpcServer(SERVICE, {
    unary: { ModelInfer: (_, done) => done({ code: refusal, details: 'not now' }, null) },
  });
  scorer = await startGrpcServer('shop.Scorer', {
    unary: {
      Score(request, done) {
        scored.push(request.request);
        // Scored { label: "bug", score: 0.5 }
        done(null, Buffer.from('0a0362756711000000000000e03f', 'hex'));
      },
    },
  });
  metrics = await startMetrics();
  const page = { source: 'metrics', everyMs: 100, staleMs: 60_000 };
  gateway = await startGateway({
    config: {
      auth: { keys: [gateKey] },
      providers: {
        gpu: { vendor: 'triton', baseUrl: `grpc://127.0.0.1:${good.port}`, retries: { max: 0 } },
        gpu2: { vendor: 'triton', baseUrl: `grpc://localhost:${good.port}` },
        gpu3: { grpc: { protocol: 'triton' }, baseUrl: `http://127.0.0.1:${good.port}` },
        busy: {
          vendor: 'triton',
          baseUrl: `grpc://127.0.0.1:${good.port}`,
          load: { ...page, url: `${metrics.url}/busy` },
        },
        idle: {
          vendor: 'triton',
          baseUrl: `grpc://127.0.0.1:${good.port}`,
          load: { ...page, url: `${metrics.url}/idle` },
        },
        down: { vendor: 'kserve', baseUrl: `grpc://127.0.0.1:${bad.port}`, retries: { max: 0 } },
        ml: { vendor: 'grpc', baseUrl: `grpc://127.0.0.1:${scorer.port}`, grpc: { proto: PROTO } },
      },
      models: {
        safe: { targets: ['down/m', 'gpu/m'] },
        pool: { targets: ['gpu/m', 'gpu2/m', 'gpu3/m'], strategy: 'hash' },
        calm: { targets: ['busy/m', 'idle/m'], strategy: 'least-busy' },
      },
      operations: {
        score: {
          method: 'ml/shop.Scorer/Score',
          input: { type: 'object', required: ['text'] },
          request: {
            text: '{{payload.text}}',
            labels: '{{payload.labels}}',
            limits: { top: '{{payload.top}}' },
          },
          answer: {
            schema: { type: 'object', required: ['label'], properties: { score: { type: 'number' } } },
            body: { label: '{{answer.label}}', score: '{{answer.score}}', of: '{{payload.text}}' },
          },
        },
        broken: { method: 'ml/shop.Scorer/Slow', request: { text: '{{payload.text}}' } },
      },
    },
  });
});

afterAll(async () => {
  await gateway?.stop(3_000);
  for (const server of [good, bad, scorer]) server?.kill();
  metrics?.server.close();
  metrics?.server.closeAllConnections();
});

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  call(gateway, path, { key: gateKey, body, headers });
const turn = (text: string) => [{ role: 'user', content: text }];

describe('clients of every dialect', () => {
  const cases: [string, string, object, object][] = [
    ['Chat Completions', chatPath, { model: 'gpu/m', messages: turn('hi') }, { stream: true }],
    ['Messages', '/v1/messages', { model: 'gpu/m', max_tokens: 9, messages: turn('hi') }, { stream: true }],
    ['Responses', '/v1/responses', { model: 'gpu/m', input: 'hi' }, { stream: true }],
    ['Cohere', '/v2/chat', { model: 'gpu/m', messages: turn('hi') }, { stream: true }],
  ];
  test.each(cases)('%s', async (_, path, body, streamed) => {
    const whole = await post(path, body);
    expect([whole.status, whole.text]).toEqual([200, expect.stringContaining('You said: hi')]);
    const stream = await post(path, { ...body, ...streamed });
    expect(stream.status).toBe(200);
    for (const word of ['You', ' said: ', 'hi']) expect(stream.text).toContain(word);
    expect(stream.headers['content-type']).toContain('text/event-stream');
  });

  test('Gemini and Converse', async () => {
    const contents = [{ role: 'user', parts: [{ text: 'hi' }] }];
    const gemini = await post('/v1beta/models/gpu%2Fm:generateContent', { contents });
    expect([gemini.status, gemini.text]).toEqual([200, expect.stringContaining('You said: hi')]);
    const messages = [{ role: 'user', content: [{ text: 'hi' }] }];
    const converse = await post('/model/gpu%2Fm/converse', { messages });
    expect([converse.status, converse.text]).toEqual([200, expect.stringContaining('You said: hi')]);
  });

  test('what a prompt cannot say is a 400 in their own words, or named as left out', async () => {
    const tools = [{ name: 'f', input_schema: { type: 'object' } }];
    const refused = await post('/v1/messages', {
      model: 'gpu/m',
      max_tokens: 9,
      messages: turn('hi'),
      tools,
    });
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text)).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error' },
    });
    const image = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }];
    const picture = await post(chatPath, chatBody('gpu/m', { messages: [{ role: 'user', content: image }] }));
    expect([picture.status, JSON.parse(picture.text).error.param]).toEqual([400, 'messages[0].content[0]']);
    const dropped = await post(chatPath, chatBody('gpu/m', { logit_bias: { 1: 2 } }));
    expect([dropped.status, dropped.headers['x-headgate-dropped']]).toEqual([200, 'logit_bias']);
  });
});

describe('calls', () => {
  test('go on to another target where a server refuses, and are its refusal where there is none', async () => {
    for (const code of [Code.UNAVAILABLE, Code.RESOURCE_EXHAUSTED, Code.INTERNAL, Code.DEADLINE_EXCEEDED]) {
      refusal = code;
      const answer = await post(chatPath, chatBody('safe', { messages: turn('hi') }));
      expect([answer.status, answer.headers['x-headgate-provider']]).toEqual([200, 'gpu']);
    }
    refusal = Code.INVALID_ARGUMENT;
    const refused = await post('/v1/messages', { model: 'down/m', max_tokens: 9, messages: turn('hi') });
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('not now')]);
  });

  test('of one conversation stay at the server that has its beginning, of a pool by hash', async () => {
    const at = async (messages: object[]) =>
      (await post(chatPath, { model: 'pool', messages })).headers['x-headgate-provider']!;
    const homes = new Set<string>();
    for (let talk = 0; talk < 12; talk++) {
      const first = { role: 'system', content: `You are number ${talk}.` };
      const home = await at([first, ...turn('one')]);
      expect(await at([first, ...turn('one'), { role: 'assistant', content: 'ok' }, ...turn('two')])).toBe(
        home,
      );
      homes.add(home);
    }
    expect(homes.size).toBeGreaterThan(1);
  });

  test('go where the servers’ own word is that nobody waits, and metrics tell it', async () => {
    await vi.waitFor(async () => {
      const { text } = await call(gateway, '/metrics', { method: 'GET' });
      expect(text).toContain('headgate_load_waiting{provider="busy"} 5');
      expect(text).toContain('headgate_load_waiting{provider="idle"} 0');
      expect(text).toMatch(/headgate_load_asks_total\{provider="idle",outcome="ok"\} \d/);
    }, 30_000);
    // As soon as every worker has heard it.
    await vi.waitFor(async () => {
      const homes: unknown[] = [];
      for (let turns = 0; turns < 6; turns++) {
        const answer = await post(chatPath, chatBody('calm', { messages: turn('hi') }));
        homes.push(answer.headers['x-headgate-provider']);
      }
      expect(homes).toEqual(new Array(6).fill('idle'));
    }, 30_000);
  });

  test('that their client leaves are cancelled at the server', async () => {
    const before = cancelled;
    const leaving = new AbortController();
    const response = await fetch(`${gateway.url}${chatPath}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(chatBody('gpu/m', { messages: turn('hang'), stream: true })),
      signal: leaving.signal,
    });
    const reader = response.body!.getReader();
    await reader.read();
    leaving.abort();
    await vi.waitFor(() => expect(cancelled).toBe(before + 1), 20_000);
  });

  test('end in an error event when the server dies, and the next one finds the one that came in its place', async () => {
    const response = await fetch(`${gateway.url}${chatPath}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(chatBody('gpu/m', { messages: turn('hang'), stream: true })),
    });
    const reader = response.body!.getReader();
    let text = Buffer.from((await reader.read()).value!).toString();
    const { port } = good;
    good.kill();
    for (let part = await reader.read(); !part.done; part = await reader.read())
      text += Buffer.from(part.value).toString();
    expect(text).toContain('wait');
    expect(text).toContain('"error"');
    expect(text).not.toContain('[DONE]');
    const gone = await post(chatPath, chatBody('gpu/m', { messages: turn('hi') }));
    expect(gone.status).toBe(502);
    good = await startTriton(port);
    await vi.waitFor(async () => {
      const answer = await post(chatPath, chatBody('gpu/m', { messages: turn('hi') }));
      expect(answer.status).toBe(200);
    }, 20_000);
  });
});

describe('JSON jobs', () => {
  test('call a method with the message that the payload makes, and answer by its answer', async () => {
    const answer = await post('/jobs/score', { text: ' it broke ', labels: ['bug', 'praise'] });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      { label: 'bug', score: 0.5, of: 'it broke' },
    ]);
    // Text { text: "it broke", labels: ["bug", "praise"], limits: {} }
    expect(scored.at(-1)!.toString('hex')).toBe(
      `0a08${Buffer.from('it broke').toString('hex')}1203${Buffer.from('bug').toString('hex')}1206${Buffer.from('praise').toString('hex')}1a00`,
    );
  });

  test('say what is wrong with a payload, and what the method says', async () => {
    expect((await post('/jobs/score', { txet: 1 })).status).toBe(400);
    const unfit = await post('/jobs/score', { text: 7 });
    expect([unfit.status, unfit.text]).toEqual([400, expect.stringContaining('shop.Scorer/Score')]);
    const unserved = await post('/jobs/broken', { text: 'x' });
    expect(unserved.status).toBeGreaterThanOrEqual(500);
  });
});
