// A provider that quotes parts of the gateway's key in every way a failure can be told: nobody outside sees them.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, chatBody, chatPath, messagesBody, messagesPath } from '../kit/client.ts';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { pick } from '../kit/json.ts';
import { testConfig } from '../kit/test-config.ts';

const keys = {
  oa: 'sk-proj-Qw8Zr3Ty6Uv1Op4As7Df0Gh2Jk5Lz9XcVbNm',
  an: 'sk-ant-api03-Pl0Ok9Ij8Uh7Yg6Tf5Rd4Es3Wa2Qz1',
};
/** What of a key must not be readable. */
const parts = (key: string): string[] => [
  key,
  key.slice(0, 14),
  key.slice(3, 20),
  key.slice(-4),
  key.slice(10, 22),
];

let server: Server;
let gateway: GatewayProcess;
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => {
      body += piece.toString();
    });
    request.on('end', () => {
      const { model, stream } = JSON.parse(body) as { model: string; stream?: boolean };
      const key =
        request.headers.authorization?.replace('Bearer ', '') ?? String(request.headers['x-api-key']);
      const message = `Incorrect API key provided: ${key.slice(0, 14)}*****${key.slice(-4)} (hash ${key.slice(3, 20)}, ending in ${key.slice(-4)}, all of it ${key}).`;
      const openai = request.url === '/v1/chat/completions';
      const error = openai
        ? {
            error: {
              message,
              type: 'invalid_request_error',
              param: key.slice(10, 22),
              code: 'invalid_api_key',
            },
          }
        : { type: 'error', error: { type: 'authentication_error', message } };
      if (/^\d+$/.test(model)) {
        response.writeHead(Number(model), {
          'content-type': 'application/json',
          'x-ratelimit-limit-requests': key,
        });
        response.end(JSON.stringify(error));
      } else if (stream !== true) {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(error));
      } else {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        if (model === 'middle') response.write(openai ? openaiBegin : anthropicBegin);
        response.end(`${openai ? '' : 'event: error\n'}data: ${JSON.stringify(error)}\n\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  gateway = await startGateway({
    config: testConfig(
      { openaiUrl: `${url}/v1`, anthropicUrl: url },
      { oa: { keys: [keys.oa] }, an: { keys: [keys.an] }, rest: { log: { level: 'debug' } } },
    ),
  });
});
afterAll(async () => {
  await gateway?.stop();
  server?.close();
});

const openaiBegin = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: 'hi' }, finish_reason: null }] })}\n\n`;
const anthropicBegin = [
  {
    type: 'message_start',
    message: {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } },
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('');

test.each([
  ['chat, same dialect', chatPath, 'oa', chatBody],
  ['chat, translated', chatPath, 'an', chatBody],
  ['messages, same dialect', messagesPath, 'an', messagesBody],
  ['messages, translated', messagesPath, 'oa', messagesBody],
] as const)(
  '%s: no part of the key comes out, in any kind of failure',
  async (_name, path, provider, body) => {
    for (const model of ['401', '400', '403', '429', '500', 'whole', 'middle']) {
      for (const stream of [false, true]) {
        const answer = await call(gateway, path, { body: body(`${provider}/${model}`, { stream }) });
        const told = `${answer.text}\n${JSON.stringify(answer.headers)}`;
        expect(answer.text).toContain('Incorrect API key provided: ***');
        for (const part of parts(keys[provider])) expect(told, `${model} ${stream}`).not.toContain(part);
        if (/^\d+$/.test(model)) expect(pick(answer.json, 'error.message')).toContain('Incorrect API key');
      }
    }
    for (const part of parts(keys[provider])) expect(gateway.output()).not.toContain(part);
  },
);
