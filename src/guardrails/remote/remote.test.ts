// Each service against a server that speaks as it does: what is asked of it, and what is made of its answer. One that says
// nothing sensible gives no verdict.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import { DEFAULT_GUARDRAIL } from '../../config/schema/defaults.ts';
import type { CheckConfig } from '../../contracts/guardrail.ts';
import type { RemoteVerdict } from '../../contracts/remote-check.ts';
import { principalOf } from '../../governance/principal.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { createRemoteChecks } from './checks.ts';
import { createPostJson } from './json-post.ts';
import type { InnerQuestion } from './remote-deps.ts';

let server: Server;
let base = '';
let asked: { path: string; headers: IncomingMessage['headers']; body: Record<string, unknown> }[] = [];
let answer: { status?: number; body: unknown } = { body: {} };
let inner: (question: InnerQuestion) => string = () => '{}';

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push({
        path: request.url ?? '',
        headers: request.headers,
        body: JSON.parse(body) as Record<string, unknown>,
      });
      response.statusCode = answer.status ?? 200;
      response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  answer = { body: {} };
});

const { call } = fakeCall('openai-chat', {}, [fakeProvider('p', dialectByName('openai-chat'))]);
call.principal = principalOf({ name: 'key', team: 'blue' });
const clock = { now: () => 0, wall: () => Date.UTC(2026, 10, 29) };
const checksOf = createRemoteChecks(
  {
    post: createPostJson(),
    wall: clock.wall,
    ask: (_parent, question) => Promise.resolve(inner(question)),
  },
  clock,
);

function ask(
  check: CheckConfig,
  texts: readonly string[],
  side: 'request' | 'answer' = 'request',
): Promise<RemoteVerdict> {
  const guardrail = { ...DEFAULT_GUARDRAIL, name: 'g', on: [], when: {}, checks: [check] };
  const [run] = [...checksOf([guardrail]).values()];
  return run!({
    side,
    texts,
    images: [],
    prompt: 'asked',
    call,
    signal: AbortSignal.timeout(20_000),
    timeoutMs: 20_000,
  });
}

const pass = { kind: 'pass' };

describe('LiteLLM’s generic guardrail', () => {
  const check = (): CheckConfig => ({ type: 'webhook', shape: 'litellm', url: base, key: 'k' });

  it('is asked with texts and who calls, and passes, refuses or replaces', async () => {
    answer = { body: { action: 'NONE' } };
    expect(await ask(check(), ['a', 'b'])).toEqual(pass);
    expect(asked[0]).toMatchObject({
      path: '/beta/litellm_basic_guardrail_api',
      headers: { authorization: 'Bearer k' },
      body: { texts: ['a', 'b'], input_type: 'request', request_data: { user_api_key_alias: 'key' } },
    });
    answer = { body: { action: 'BLOCKED', blocked_reason: 'no' } };
    expect(await ask(check(), ['a'], 'answer')).toEqual({ kind: 'block', reason: 'no' });
    expect(asked[1]!.body).toMatchObject({ input_type: 'response', structured_messages: [] });
    answer = { body: { action: 'GUARDRAIL_INTERVENED', texts: ['x'] } };
    expect(await ask(check(), ['a'])).toEqual({ kind: 'replace', texts: ['x'] });
  });
});

describe('Portkey’s webhook', () => {
  const check = (): CheckConfig => ({ type: 'webhook', shape: 'portkey', url: base });

  it('is asked with the hook’s context, and its verdict counts', async () => {
    answer = { body: { verdict: true } };
    expect(await ask(check(), ['a'])).toEqual(pass);
    expect(asked[0]!.body).toMatchObject({ eventType: 'beforeRequestHook', request: { text: 'a' } });
    answer = { body: { verdict: false } };
    expect(await ask(check(), ['a'], 'answer')).toMatchObject({ kind: 'block' });
    expect(asked[1]!.body).toMatchObject({ eventType: 'afterRequestHook', response: { text: 'a' } });
    const messages = [{ role: 'user', content: 'x' }];
    answer = { body: { verdict: true, transformedData: { request: { json: { messages } } } } };
    expect(await ask(check(), ['a'])).toEqual({ kind: 'replace', texts: ['x'] });
  });
});

describe('a webhook of ours', () => {
  it('is signed, and told nothing but what it needs', async () => {
    answer = { body: { action: 'pass' } };
    await ask({ type: 'webhook', url: base, secret: 's' }, ['a']);
    expect(asked[0]!.headers['x-headgate-signature']).toMatch(/^t=1795910400,v1=[0-9a-f]{64}$/);
    expect(asked[0]!.body).toMatchObject({
      version: 1,
      side: 'request',
      texts: ['a'],
      call: { key: 'key', team: 'blue' },
    });
  });
});

describe('Presidio', () => {
  it('says where in the text, in code points', async () => {
    answer = { body: [{ start: 2, end: 5, score: 0.9, entity_type: 'PERSON' }] };
    expect(await ask({ type: 'presidio', url: base, entities: ['PERSON'] }, ['😀 Ada'])).toEqual({
      kind: 'places',
      places: [[{ start: 3, end: 6, label: 'PERSON' }]],
    });
    expect(asked[0]).toMatchObject({ path: '/analyze', body: { language: 'en', entities: ['PERSON'] } });
    answer = { body: [] };
    expect(await ask({ type: 'presidio', url: base }, ['x'])).toEqual(pass);
  });
});

describe('Bedrock', () => {
  const check = (key = 'k'): CheckConfig => ({
    type: 'bedrock',
    id: 'g1',
    region: 'eu-west-1',
    key,
    url: base,
  });

  it('passes, replaces what it anonymised, and refuses what it blocks; signed with a key pair', async () => {
    answer = { body: { action: 'NONE', outputs: [], assessments: [] } };
    expect(await ask(check(), ['a'])).toEqual(pass);
    expect(asked[0]).toMatchObject({
      path: '/guardrail/g1/version/DRAFT/apply',
      headers: { authorization: 'Bearer k' },
      body: { source: 'INPUT', content: [{ text: { text: 'a' } }] },
    });
    answer = { body: { action: 'GUARDRAIL_INTERVENED', outputs: [{ text: '{NAME}' }], assessments: [] } };
    expect(await ask(check(), ['a'])).toEqual({ kind: 'replace', texts: ['{NAME}'] });
    const assessments = [{ topicPolicy: { topics: [{ action: 'BLOCKED' }] } }];
    answer = { body: { action: 'GUARDRAIL_INTERVENED', outputs: [{ text: 'Sorry' }], assessments } };
    expect(await ask(check('AKIAIOSFODNN7EXAMPLE:secret'), ['a'])).toMatchObject({ kind: 'block' });
    expect(asked[2]!.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\//);
  });
});

describe('Azure', () => {
  const check = (): CheckConfig => ({ type: 'azure', url: base, key: 'k' });

  it('refuses from a severity on, for a blocklist, and for an attack where it is asked', async () => {
    const of = (severity: number) => ({
      blocklistsMatch: [],
      categoriesAnalysis: [{ category: 'Hate', severity }],
    });
    answer = { body: of(2) };
    expect(await ask(check(), ['a'])).toEqual(pass);
    expect(asked[0]).toMatchObject({ headers: { 'ocp-apim-subscription-key': 'k' } });
    expect(asked[0]!.path).toBe('/contentsafety/text:analyze?api-version=2024-11-01');
    answer = { body: of(4) };
    expect(await ask(check(), ['a'])).toEqual({ kind: 'block', reason: 'Hate' });
    answer = { body: { ...of(0), userPromptAnalysis: { attackDetected: true } } };
    expect(await ask({ ...check(), shield: true }, ['a'])).toEqual({ kind: 'block', reason: 'an attack' });
  });
});

describe('Model Armor', () => {
  const check = (): CheckConfig => ({
    type: 'model_armor',
    id: 't',
    region: 'r',
    project: 'p',
    key: 'k',
    url: base,
  });
  const result = (filterMatchState: string, filterResults = {}, invocationResult = 'SUCCESS') => ({
    body: { sanitizationResult: { filterMatchState, invocationResult, filterResults } },
  });

  it('passes, refuses, and gives text without what is sensitive; a part of a check is none', async () => {
    answer = result('NO_MATCH_FOUND');
    expect(await ask(check(), ['a'])).toEqual(pass);
    expect(asked[0]!.path).toBe('/v1/projects/p/locations/r/templates/t:sanitizeUserPrompt');
    answer = result('MATCH_FOUND', { rai: { raiFilterResult: { matchState: 'MATCH_FOUND' } } });
    expect(await ask(check(), ['a'], 'answer')).toMatchObject({ kind: 'block' });
    answer = result('MATCH_FOUND', {
      sdp: { sdpFilterResult: { deidentifyResult: { data: { text: 'x' } } } },
    });
    expect(await ask(check(), ['a'])).toEqual({ kind: 'replace', texts: ['x'] });
    answer = result('NO_MATCH_FOUND', {}, 'PARTIAL');
    await expect(ask(check(), ['a'])).rejects.toThrow('not checked');
  });
});

describe('Lakera', () => {
  it('refuses what is flagged, or says where it stands, whichever way it counts the end', async () => {
    const check: CheckConfig = { type: 'lakera', key: 'k', url: base };
    answer = { body: { flagged: false } };
    expect(await ask(check, ['a'])).toEqual(pass);
    answer = { body: { flagged: true, payload: [] } };
    expect(await ask(check, ['a'])).toMatchObject({ kind: 'block' });
    answer = {
      body: { flagged: true, payload: [{ start: 3, end: 5, text: 'Ada', detector_type: 'pii/name' }] },
    };
    expect(await ask(check, ['is Ada'])).toEqual({
      kind: 'places',
      places: [[{ start: 3, end: 6, label: 'name' }]],
    });
  });
});

describe('a model of this gateway', () => {
  it('moderates, by its own word or from a score on', async () => {
    const of = (flagged: boolean, score: number) =>
      JSON.stringify({
        results: [{ flagged, categories: { hate: flagged }, category_scores: { hate: score } }],
      });
    inner = () => of(false, 0.4);
    expect(await ask({ type: 'moderation', model: 'm' }, ['a'])).toEqual(pass);
    expect(await ask({ type: 'moderation', model: 'm', threshold: 0.3 }, ['a'])).toMatchObject({
      reason: 'hate',
    });
    inner = () => of(true, 0.9);
    expect(await ask({ type: 'moderation', model: 'm' }, ['a'])).toMatchObject({
      kind: 'block',
      reason: 'hate',
    });
    expect(await ask({ type: 'moderation', model: 'm', categories: ['violence'] }, ['a'])).toEqual(pass);
  });

  it('judges, and what it says counts only as a verdict', async () => {
    const says = (content: string) => JSON.stringify({ choices: [{ message: { content } }] });
    const check: CheckConfig = { type: 'judge', model: 'm', policy: 'p' };
    inner = () => says('```json\n{"violates": true, "reason": "r"}\n```');
    expect(await ask(check, ['a'])).toEqual({ kind: 'block', reason: 'r' });
    inner = () => says('{"violates": false}');
    expect(await ask(check, ['a'])).toEqual(pass);
    inner = () => says('Sure! It is fine.');
    await expect(ask(check, ['a'])).rejects.toThrow('no verdict');
  });
});

describe('whatever is asked', () => {
  it.each([{ status: 500, body: {} }, { body: 'no json' }, { body: { hello: 1 } }])(
    'gives no verdict by %j',
    async (said) => {
      answer = said;
      const checks: CheckConfig[] = [
        { type: 'webhook', url: base },
        { type: 'webhook', shape: 'litellm', url: base },
        { type: 'webhook', shape: 'portkey', url: base },
        { type: 'bedrock', id: 'g', region: 'r', key: 'k', url: base },
        { type: 'azure', url: base, key: 'k' },
        { type: 'model_armor', id: 't', region: 'r', project: 'p', key: 'k', url: base },
        { type: 'lakera', key: 'k', url: base },
      ];
      for (const check of checks) await expect(ask(check, ['a'])).rejects.toThrow();
    },
  );

  it('is left alone after failures in a row', async () => {
    answer = { status: 500, body: {} };
    const guardrail = {
      ...DEFAULT_GUARDRAIL,
      name: 'g',
      on: [],
      when: {},
      checks: [{ type: 'lakera' as const, key: 'k', url: base }],
    };
    const [run] = [...checksOf([guardrail]).values()];
    const question = {
      side: 'request' as const,
      texts: ['a'],
      images: [],
      prompt: '',
      call,
      signal: AbortSignal.timeout(20_000),
      timeoutMs: 1,
    };
    for (let i = 0; i < 8; i++) await expect(run!(question)).rejects.toThrow();
    expect(asked).toHaveLength(5);
  });
});
