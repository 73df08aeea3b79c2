// Memory of bodies is given back as calls end: whoever keeps bytes of one has its own by then. Everything that keeps some is on at
// once here, with bodies and answers of 20 to 100 KB, and each of them says how it ought to read.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type AdminClient, openAdmin } from '../kit/admin.ts';
import { type Answer, call, chatPath, messagesPath, open, textOf } from '../kit/client.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { showOutput } from '../kit/harness.ts';
import { pick, tryJson } from '../kit/json.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { rawClient } from '../kit/raw.ts';
import { parseSse } from '../kit/sse.ts';
import { testConfig } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';

const CALLS = 48;
const AT_ONCE = 8;
/** One in so many leaves: as it has sent its request, or behind the head of the answer. */
const LEAVES = 4;
/** Clients that leave at the worst of times. */
const CROWD = 12;
const DIGITS = 'abcdefghijklmnop';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-kept-bytes-'));
const plugin = path.join(folder, 'reads.ts');
// Refuses what is not as it was sent.
writeFileSync(
  plugin,
  `import { createHash } from 'node:crypto';
const print = (text: string) => createHash('sha256').update(text).digest('hex');
export default {
  apiVersion: 1,
  create: () => ({
    onRequest({ body }: any) {
      const said: string = body.messages.at(-1).content;
      const [sum, text] = [said.slice(0, said.indexOf(' ')), said.slice(said.indexOf(' ') + 1)];
      const hex = [...sum].map((digit) => '${DIGITS}'.indexOf(digit).toString(16)).join('');
      if (print(text) !== hex) return { refuse: { status: 418, message: 'not what was sent' } };
    },
    onDelta: ({ text }: any) => text,
  }),
};
`,
);

let mock: MockUpstream;
let gateway: GatewayProcess;
let admin: AdminClient;

beforeAll(async () => {
  mock = await startMock();
  const plugins = ['here', 'aside'].map((name) => ({
    name,
    path: plugin,
    thread: name === 'aside',
    when: { keys: [name] },
    timeoutMs: 60_000,
    onError: 'closed',
  }));
  gateway = await startGateway({
    admin: true,
    config: testConfig(mock, {
      models: {
        all: {
          targets: ['oa/echo', 'an/echo'],
          hedge: { minMs: 1, budget: 0.5 },
          shadow: { to: 'an/echo+copy', percent: 100, concurrency: 1_000, budgetUsd: 1_000 },
          guardrails: [{ name: 'words', checks: [{ type: 'keywords', words: ['never said'] }] }],
        },
      },
      rest: {
        auth: {
          keys: ['plain', 'here', 'aside'].map((name) => ({ name, value: `${gateKey}-${name}` })),
        },
        plugins,
        cache: { exact: { ttlMs: 600_000 } },
        log: { access: true, level: 'info', format: 'json', bodies: [{ maxBytes: 1_048_576 }] },
      },
    }),
  });
  admin = await openAdmin(gateway);
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') showOutput(gateway);
});
afterAll(async () => {
  await gateway?.stop();
  await mock?.close();
  rmSync(folder, { recursive: true });
});

/** Of so many characters, which say how they ought to read: as letters, since digits may be taken for somebody's secret. */
function textOfSize(seed: number, size: number): string {
  const words: string[] = [];
  for (let length = 0, at = 0; length < size; at++) {
    const word = letters(createHash('sha256').update(`${seed} ${at}`).digest('hex').slice(0, 6));
    words.push(word);
    length += word.length + 1;
  }
  const text = words.join(' ');
  return `${printOf(text)} ${text}`;
}

const letters = (hex: string): string => [...hex].map((digit) => DIGITS[Number.parseInt(digit, 16)]).join('');
const printOf = (text: string): string => letters(createHash('sha256').update(text).digest('hex'));

function isWhole(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  const end = text.indexOf(' ');
  return end > 0 && printOf(text.slice(end + 1)) === text.slice(0, end);
}

const asked = (body: unknown): unknown => {
  const content = pick((pick(body, 'messages') as unknown[] | undefined)?.at(-1), 'content');
  return typeof content === 'string' ? content : pick(content, '0.text');
};

/** What an answer says, whichever of the two dialects and however it came. */
function said(text: string): unknown {
  const json = tryJson(text);
  return pick(json, 'choices.0.message.content') ?? pick(json, 'content.0.text') ?? textOf(parseSse(text));
}

const codings = [
  ['gzip', (body: string) => gzipSync(body)],
  ['br', (body: string) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
  ['zstd', (body: string) => zstdCompressSync(body)],
] as const;

interface Asked {
  readonly at: number;
  readonly path: string;
  readonly body: string | Buffer;
  readonly key: string;
  readonly headers: Record<string, string>;
}

function makeAsked(at: number): Asked {
  const content = textOfSize(at, 20_500 + ((at * 7_919) % 80_000));
  const messages = at % 3 === 0;
  const request = JSON.stringify({
    model: 'all',
    ...(messages && { max_tokens: 1_000_000 }),
    ...(at % 2 === 1 && { stream: true }),
    messages: [{ role: 'user', content }],
  });
  const coding = codings[at % 7];
  return {
    at,
    path: messages ? messagesPath : chatPath,
    body: coding === undefined ? request : coding[1](request),
    key: `${gateKey}-${['plain', 'here', 'aside'][at % 5] ?? 'plain'}`,
    headers: {
      ...(at % 2 === 0 && { 'idempotency-key': `key-${at}` }),
      ...(coding !== undefined && { 'content-encoding': coding[0] }),
    },
  };
}

const ask = ({ path: to, body, key, headers }: Asked): Promise<Answer> =>
  call(gateway, to, { body, key, headers });

async function leave({ at, path: to, body, key, headers }: Asked): Promise<void> {
  const answer = open(gateway, to, { body, key, headers });
  if (at % (2 * LEAVES) === 0) await mock.waitForCount('echo', 1);
  else await answer.head(60_000).catch(() => {});
  answer.abort();
}

async function several<T>(all: readonly Asked[], work: (one: Asked) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  const waiting = [...all.entries()];
  const next = async (): Promise<void> => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift())
      results[one[0]] = await work(one[1]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return results;
}

const ended = (): unknown[] => gateway.logs().filter(({ msg }) => msg === 'worker ended');

it('whoever keeps something of a call has every byte of it, whoever leaves', async () => {
  const all = Array.from({ length: CALLS }, (_, at) => makeAsked(at));
  const leaving = all.filter(({ at }) => at % LEAVES === 3 || at % (2 * LEAVES) === 0);
  const staying = all.filter((one) => !leaving.includes(one));
  const left = several(leaving, leave);
  const answers = await several(staying, ask);
  await left;
  const ids: string[] = [];
  for (const answer of answers) {
    expect([answer.status, isWhole(said(answer.text))]).toEqual([200, true]);
    ids.push(answer.headers['x-request-id']!);
  }

  // Cache, keys of idempotency, and those who share what is under way.
  const again = await several(staying, ask);
  for (const [at, { status, text }] of again.entries())
    expect([status, said(text)]).toEqual([200, said(answers[at]!.text)]);
  const given = again.filter(
    ({ headers }) =>
      headers['x-headgate-cache']?.startsWith('hit') === true || headers['x-headgate-shared'] !== undefined,
  );
  expect(given).toHaveLength(staying.length);

  // Copies, and whatever else went to a provider.
  await mock.waitForCount('echo+copy', staying.length);
  for (const { model, json } of mock.requests.filter((one) => one.model.startsWith('echo')))
    expect([model, isWhole(asked(json))]).toEqual([model, true]);

  // The log.
  for (const [at, id] of ids.entries()) {
    const { body } = await waitUntil(async () => {
      const found = await admin.get(`/api/logs/${id}`);
      return found.status === 200 && found.body.bodies.length === 2 ? found : null;
    }, `the bodies of ${id}`);
    const [request, answer] = body.bodies as { text: string }[];
    expect(isWhole(asked(tryJson(request!.text)))).toBe(true);
    expect(said(answer!.text)).toBe(said(answers[at]!.text));
  }
  expect(ended()).toEqual([]);
});

it.each(codings)(
  'a client that leaves while its body in %s is read ends no worker',
  async (coding, compress) => {
    const body = compress(
      JSON.stringify({ model: 'oa/ok', messages: [{ role: 'user', content: textOfSize(1, 1_000_000) }] }),
    );
    const head = [
      `POST ${chatPath} HTTP/1.1`,
      'host: gateway',
      `authorization: Bearer ${gateKey}-plain`,
      'content-type: application/json',
      `content-encoding: ${coding}`,
      `content-length: ${body.length}`,
    ];
    for (let at = 0; at < CROWD; at++) {
      const { socket } = await rawClient(gateway.port);
      const lines = [...head, `x-request-id: left-${coding}-${at}`, '', ''].join('\r\n');
      await new Promise((sent) => socket.write(Buffer.concat([Buffer.from(lines), body]), sent));
      socket.destroy();
    }
    const rows = (): unknown[] =>
      gateway.logs().filter(({ msg, id }) => msg === 'request' && String(id).startsWith(`left-${coding}-`));
    await waitUntil(() => ended().length > 0 || rows().length === CROWD, 'the calls that were left');
    expect(ended()).toEqual([]);
    const next = await call(gateway, chatPath, {
      body,
      key: `${gateKey}-plain`,
      headers: { 'content-encoding': coding },
    });
    expect(next.status).toBe(200);
  },
);
