// A list of messages that is none, from every client to every provider: the vendor's own 400 where the client's bytes go on as they
// are, else the gateway's, in the client's dialect, with the field's name and before anybody is asked.
import { describe, expect, test } from 'vitest';
import type { DialectName } from '../../src/contracts/dialect-name.ts';
import { call } from '../kit/client.ts';
import { useGateway } from '../kit/harness.ts';
import { pick } from '../kit/json.ts';
import { PROVIDER } from '../kit/operation-samples.ts';
import { upstreamKeys } from '../kit/test-config.ts';

const harness = useGateway((mock) => ({
  dialects: true,
  providers: {
    [PROVIDER['bedrock-invoke']]: {
      dialect: 'bedrock-invoke',
      baseUrl: mock.anthropicUrl,
      region: 'eu-west-1',
      keys: [{ value: upstreamKeys.be }],
      models: ['*'],
      retries: { max: 0 },
    },
  },
}));

interface Client {
  path: string;
  body: object;
  /** What the error names. */
  field: string;
  /** Where it stands in the client's dialect. */
  words: string;
  /** What else the dialect says of a bad request. */
  shape: object;
}

const openai = { words: 'error.message', shape: { error: { type: 'invalid_request_error' } } };

const CLIENTS: Readonly<Record<DialectName, Client>> = {
  'openai-chat': {
    path: '/v1/chat/completions',
    body: { model: 'ok', messages: 'x' },
    field: 'messages',
    ...openai,
  },
  'openai-responses': { path: '/v1/responses', body: { model: 'ok', input: 1 }, field: 'input', ...openai },
  anthropic: {
    path: '/v1/messages',
    body: { model: 'ok', max_tokens: 9, messages: 'x' },
    field: 'messages',
    words: 'error.message',
    shape: { type: 'error', error: { type: 'invalid_request_error' } },
  },
  gemini: {
    path: '/v1beta/models/ok:generateContent',
    body: { contents: 1 },
    field: 'contents',
    words: 'error.message',
    shape: { error: { code: 400, status: 'INVALID_ARGUMENT' } },
  },
  cohere: {
    path: '/v2/chat',
    body: { model: 'ok', messages: 'x' },
    field: 'messages',
    words: 'message',
    shape: {},
  },
  bedrock: {
    path: '/model/ok/converse',
    body: { messages: 'x' },
    field: 'messages',
    words: 'message',
    shape: {},
  },
  'bedrock-invoke': {
    path: '/model/ok/invoke',
    body: { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: 'x' },
    field: 'messages',
    words: 'message',
    shape: {},
  },
};

const names = Object.keys(CLIENTS) as DialectName[]; // its keys are those

/** Bedrock serves its models' own bodies beside its own. */
const takesBytes = (from: DialectName, to: DialectName): boolean =>
  from === to || (from === 'bedrock-invoke' && to === 'bedrock');

/** The same where the answer would be a stream. */
function streamed({ path, body }: Client): { path: string; body: object } {
  const other = path
    .replace(':generateContent', ':streamGenerateContent?alt=sse')
    .replace('/converse', '/converse-stream')
    .replace('/invoke', '/invoke-with-response-stream');
  return { path: other, body: other === path ? { ...body, stream: true } : body };
}

describe.each(names)('a client of %s', (from) => {
  const client = CLIENTS[from];

  test.each(
    names.flatMap((to) => [
      { to, how: 'whole', asked: client },
      { to, how: 'streamed', asked: streamed(client) },
    ]),
  )('hears a 400 of $to, $how', async ({ to, asked }) => {
    const answer = await call(harness, `/${PROVIDER[to]}${asked.path}`, { body: asked.body });
    expect(answer.status, answer.text).toBe(400);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(answer.json).toMatchObject(client.shape);
    expect(answer.headers['x-request-id']).toBeTruthy();
    if (takesBytes(from, to)) expect(harness.mock.requests).toHaveLength(1);
    else {
      expect(harness.mock.requests).toHaveLength(0);
      expect(pick(answer.json, client.words)).toContain(`'${client.field}'`);
      if (from.startsWith('openai')) expect(pick(answer.json, 'error.param')).toBe(client.field);
      if (from.startsWith('bedrock')) expect(answer.headers['x-amzn-errortype']).toBe('ValidationException');
    }
  });
});
