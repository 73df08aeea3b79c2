// Each upstream fault under clients of every dialect, streaming and not: two retries and one fallback, as operators set them.
// Passed is: the caller has the whole answer once, or the provider's own refusal, and the provider was not hammered.
// HEADGATE_FAULTS=all asks providers of both dialects for each; else they take turns.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DialectName } from '../../src/contracts/dialect-name.ts';
import { CERT, KEY } from '../../src/upstream/tls-pair.fixture.ts';
import { type BlackHole, startBlackHole } from '../kit/black-hole.ts';
import { type Answer, call, chatBody, chatPath, messagesBody, messagesPath, open } from '../kit/client.ts';
import { type DnsServer, startDnsServer } from '../kit/dns-server.ts';
import { readableFrames } from '../kit/frames.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { showOutput } from '../kit/harness.ts';
import { hear } from '../kit/heard.ts';
import { pick } from '../kit/json.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { freePort } from '../kit/port.ts';
import { testConfig } from '../kit/test-config.ts';

const WHOLE = Array.from({ length: 60 }, (_, at) => `t${at}`).join(' ');
const BAD_KEY = 'sk-bad-0123456789';

interface Fault {
  id: string;
  name: string;
  /** What the first target's model does; its provider where the model does nothing of it. */
  script?: string;
  provider?: string;
  /** Attempts at the first target, at most. */
  most: number;
  only?: 'stream' | 'whole';
  /** The provider's refusal reaches the caller; absent = the whole answer does. */
  refused?: number;
}

const FAULTS: readonly Fault[] = [
  { id: 'U15', name: 'a refused connection', provider: 'closed', most: 0 },
  { id: 'U15', name: 'a name that does not exist', provider: 'gone', most: 0 },
  { id: 'U15', name: 'an address that takes no connection', provider: 'dark', most: 0 },
  { id: 'U16', name: 'a certificate that nobody signed', provider: 'untrusted', most: 0 },
  { id: 'U03', name: 'a reset before the head', script: 'reset', most: 4 },
  { id: 'U03', name: 'an end before the head', script: 'fin', most: 4 },
  { id: 'U03', name: 'half a head', script: 'half-head', most: 4 },
  { id: 'U18', name: 'no HTTP', script: 'not-http', most: 4 },
  { id: 'U18', name: 'a 100 that nobody asked for', script: 'interim', most: 1 },
  { id: 'U04', name: 'no head', script: 'never-head', most: 1 },
  { id: 'U04', name: 'a slow head', script: 'slow-head:30000', most: 1 },
  { id: 'U01', name: 'one 429 that states its time', script: 'flaky:1:429:retry-after=1', most: 2 },
  { id: 'U02', name: '429 for ten minutes', script: 'status:429:retry-after=600', most: 2 },
  { id: 'U02', name: '429 without a time', script: 'status:429', most: 3 },
  { id: 'U03', name: 'one 500', script: 'flaky:1:500', most: 2 },
  { id: 'U03', name: '500', script: 'status:500', most: 3 },
  { id: 'U03', name: '502 of an edge', script: 'html:502', most: 3 },
  { id: 'U03', name: '503', script: 'status:503', most: 3 },
  { id: 'U03', name: '529', script: 'status:529', most: 3 },
  { id: 'U02', name: '401 of one key', script: `bad-key:${BAD_KEY}:401`, most: 2 },
  { id: 'U02', name: '403 of one key', script: `bad-key:${BAD_KEY}:403`, most: 2 },
  { id: 'U02', name: '401 of every key', script: 'status:401', most: 2 },
  { id: 'U10', name: 'no such model', script: 'status:404', most: 1, refused: 404 },
  { id: 'U10', name: 'a prompt that is too long', script: 'too-long', most: 1 },
  { id: 'U10', name: 'refused content', script: 'status:400:code=content_filter', most: 1, refused: 400 },
  { id: 'U05', name: 'no first token', script: 'slow-first:30000', most: 1, only: 'stream' },
  { id: 'U11', name: 'an error as the first event', script: 'error-first', most: 3, only: 'stream' },
  { id: 'U11', name: 'an error behind the opening', script: 'error-open', most: 3, only: 'stream' },
  { id: 'U11', name: 'a cut behind the opening', script: 'cut-open', most: 3, only: 'stream' },
  { id: 'U07', name: 'a stall before any content', script: 'stall-after:0', most: 1, only: 'stream' },
  { id: 'U06', name: 'a cut within', script: 'cut-fin-after:20', most: 1, only: 'stream' },
  { id: 'U06', name: 'a reset within', script: 'cut-rst-after:20', most: 1, only: 'stream' },
  { id: 'U06', name: 'an end without its mark', script: 'end-after:20', most: 1, only: 'stream' },
  { id: 'U07', name: 'a stall within', script: 'stall-after:20', most: 1, only: 'stream' },
  { id: 'U08', name: 'garbage within', script: 'garbage-run:20', most: 1, only: 'stream' },
  { id: 'U08', name: 'an error within', script: 'error-after:20', most: 1, only: 'stream' },
  { id: 'U09', name: 'no end mark', script: 'no-done:hold', most: 1, only: 'stream' },
  { id: 'U06', name: 'a cut whole answer', script: 'cut-cl', most: 3, only: 'whole' },
  { id: 'U06', name: 'a reset whole answer', script: 'cut-rst', most: 3, only: 'whole' },
  { id: 'U07', name: 'a whole answer byte by byte', script: 'drip:150', most: 1, only: 'whole' },
  { id: 'U17', name: 'gzip that is none', script: 'gzip-garbage', most: 3 },
  { id: 'U17', name: 'half of its gzip', script: 'gzip-cut', most: 3 },
  { id: 'U21', name: 'half the JSON', script: 'truncated-json', most: 3, only: 'whole' },
  { id: 'U21', name: 'no JSON', script: 'not-json', most: 3, only: 'whole' },
  { id: 'U21', name: 'an error behind 200', script: '200-error', most: 3 },
  { id: 'U21', name: 'nothing behind 200', script: 'whole+empty-200', most: 3 },
  { id: 'U21', name: 'words behind 200', script: 'whole+not-json+labelled:text/html', most: 3 },
  { id: 'U21', name: 'the wrong content type', script: 'labelled:text/plain', most: 1 },
];

interface Client {
  dialect: DialectName;
  path(model: string, stream: boolean): string;
  body(model: string, stream: boolean): unknown;
  /** Where the text of a whole answer stands. */
  text: string;
}

const inGemini = { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] };
const inBedrock = { messages: [{ role: 'user', content: [{ text: 'hello' }] }] };

const CLIENTS: readonly Client[] = [
  {
    dialect: 'openai-chat',
    path: () => chatPath,
    body: (model, stream) => chatBody(model, { stream }),
    text: 'choices.0.message.content',
  },
  {
    dialect: 'anthropic',
    path: () => messagesPath,
    body: (model, stream) => messagesBody(model, { stream }),
    text: 'content.0.text',
  },
  {
    dialect: 'openai-responses',
    path: () => '/v1/responses',
    body: (model, stream) => ({ model, input: 'hello', stream }),
    text: 'output.0.content.0.text',
  },
  {
    dialect: 'gemini',
    path: (model, stream) =>
      `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: () => inGemini,
    text: 'candidates.0.content.parts.0.text',
  },
  {
    dialect: 'bedrock',
    path: (model, stream) => `/model/${model}/${stream ? 'converse-stream' : 'converse'}`,
    body: () => inBedrock,
    text: 'output.message.content.0.text',
  },
  {
    dialect: 'cohere',
    path: () => '/v2/chat',
    body: (model, stream) => chatBody(model, { stream }),
    text: 'message.content.0.text',
  },
];

interface Case {
  fault: Fault;
  client: Client;
  stream: boolean;
  /** Name of the alias, and of the model that has the fault. */
  alias: string;
  model: string;
  provider: 'oa' | 'an';
}

const CASES: readonly Case[] = FAULTS.flatMap((fault, at) =>
  CLIENTS.flatMap((client, of) =>
    [false, true].flatMap((stream, nth) =>
      (['oa', 'an'] as const)
        .filter((_, one) => process.env['HEADGATE_FAULTS'] === 'all' || (at + of + nth) % 2 === one)
        .map((provider) => {
          const alias = `f${at}-${client.dialect}-${stream ? 's' : 'w'}-${provider}`;
          return {
            fault,
            client,
            stream,
            alias,
            provider,
            model: `text:60+${fault.script ?? 'ok'}+${alias}`,
          };
        }),
    ),
  ),
).filter(({ fault: { only }, stream }) => only === undefined || (only === 'stream') === stream);

/** Calls that are under way at once: most of them wait for a clock. */
const AT_ONCE = 40;
/** That the key may have: one counts until it is settled, behind its last byte. */
const MOST = 2 * AT_ONCE;

const answers = new Map<string, Answer | Error>();
let mock: MockUpstream;
let dns: DnsServer;
let dark: BlackHole;
let untrusted: Server;
let gateway: GatewayProcess;
beforeAll(async () => {
  mock = await startMock();
  dns = await startDnsServer({});
  const closed = await freePort();
  dark = await startBlackHole();
  untrusted = createServer({ cert: CERT, key: KEY }, (_, response) => response.end('{}'));
  await new Promise<void>((resolve) => untrusted.listen(0, '127.0.0.1', resolve));
  const clocks = {
    connectMs: 3_000,
    headersMs: 3_000,
    firstTokenMs: 3_000,
    betweenTokensMs: 1_500,
    totalMs: 50_000,
  };
  const retries = { max: 2, backoffMs: 10, maxBackoffMs: 40, maxAttempts: 6 };
  const provider = { timeouts: clocks, retries, models: ['*'] };
  // Who goes on for the others is not given up on a machine that stands still.
  const patient = { ...clocks, headersMs: 20_000, firstTokenMs: 20_000, betweenTokensMs: 20_000 };
  const faulty = (dialect: string, baseUrl: string): object => ({
    dialect,
    baseUrl,
    keys: [{ value: BAD_KEY, weight: 1000 }, { value: 'sk-good-0123456789' }],
    ...provider,
  });
  const models: Record<string, object> = {};
  const keyed: Record<string, object> = {};
  for (const { fault, alias, provider: asked, model } of CASES) {
    const other = asked === 'oa' ? 'an' : 'oa';
    let first = fault.provider ?? `bad-${asked}`;
    // A key that was refused rests: the next case needs a provider where it has not been.
    if (fault.script?.startsWith('bad-key') === true || fault.script?.startsWith('status:4') === true) {
      first = `key-${alias}`;
      keyed[first] =
        asked === 'oa' ? faulty('openai-chat', mock.openaiUrl) : faulty('anthropic', mock.anthropicUrl);
    }
    models[alias] = {
      targets: [
        `${first}/${model}`,
        // In turn one that goes on with the beginning of its answer, and one that begins anew.
        `${other}/text:60+${alias.length % 2 === 0 ? 'continues' : 'again'}+${alias}`,
      ],
    };
  }
  gateway = await startGateway({
    env: { HEADGATE_DNS_SERVERS: dns.address },
    config: testConfig(mock, {
      provider: { ...provider, timeouts: patient },
      providers: {
        'bad-oa': faulty('openai-chat', mock.openaiUrl),
        'bad-an': faulty('anthropic', mock.anthropicUrl),
        closed: faulty('openai-chat', `http://127.0.0.1:${closed}/v1`),
        gone: faulty('openai-chat', 'http://gone.test/v1'),
        dark: faulty('openai-chat', `http://127.0.0.1:${dark.port}/v1`),
        untrusted: faulty('openai-chat', `https://localhost:${(untrusted.address() as AddressInfo).port}/v1`),
        ...keyed,
      },
      models,
      rest: {
        rescue: { stallMs: 1_500 },
        auth: { keys: [{ name: 'all', value: gateKey, limits: [{ concurrent: MOST }] }] },
      },
    }),
  });
  const left = [...CASES];
  const work = async (): Promise<void> => {
    for (let each = left.pop(); each !== undefined; each = left.pop()) {
      const { client, alias, stream } = each;
      const asked = call(gateway, client.path(alias, stream), { body: client.body(alias, stream) });
      answers.set(alias, await asked.catch((error: Error) => error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
});
afterAll(async () => {
  await gateway?.stop(3_000);
  await mock?.close();
  dns?.close();
  dark?.close();
  untrusted?.close();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
});

describe.each(CLIENTS.map((client) => [client.dialect, client] as const))('a client of %s', (_, client) => {
  const own = CASES.filter((each) => each.client === client);
  const title = ({ fault: { id, name }, stream, provider }: Case): string =>
    `${id}: ${name} at ${provider}, ${stream ? 'streamed' : 'whole'}`;

  test.each(own.map((each) => [title(each), each] as const))('%s', (_, each) => {
    const { fault, stream, alias, model } = each;
    const answer = answers.get(alias)!;
    if (answer instanceof Error) throw answer;
    expect(mock.requestsFor(model).length).toBeLessThanOrEqual(fault.most);
    if (fault.refused !== undefined) {
      expect([answer.status, mock.requestsFor(model).length]).toEqual([fault.refused, 1]);
      return;
    }
    expect(answer.status, answer.text).toBe(200);
    if (!stream) {
      expect(pick(answer.json, client.text), answer.text).toBe(WHOLE);
      return;
    }
    const text = client.dialect === 'bedrock' ? readableFrames(answer.bytes) : answer.text;
    const heard = hear(text, client.dialect);
    expect([heard.text, heard.clean], text).toEqual([WHOLE, true]);
  });
});

test('what stood still was let go, and no call holds a slot of a lane, a place in a queue or part of a limit', async () => {
  await expect.poll(() => mock.running()).toBe(0);
  await expect
    .poll(async () => {
      const { text } = await call(gateway, '/metrics');
      const held = text.matchAll(/^headgate_(?:in_flight_requests|queue_depth)\{.*\} (?!0$).*$/gm);
      return [...held].map(([line]) => line);
    })
    .toEqual([]);
  // As many at once as the key may have: whatever a fault had kept would be missing here.
  const all = Array.from({ length: MOST }, () => open(gateway, chatPath, { body: chatBody('oa/gate:all') }));
  await mock.waitForCount('gate:all', MOST);
  mock.open('all');
  for (const one of all) expect((await one.whole()).status).toBe(200);
});
