// The key of a request beside its parts: SHA-256 alone, and parsing and sorting instead. Run: scripts/node node bench/micro/cache.ts
import { hash } from 'node:crypto';
import { inspectBody } from '../../src/body/inspect.ts';
import { AnswerStore } from '../../src/cache/answer-store.ts';
import { createRequestKey } from '../../src/cache/key.ts';
import type { CachedAnswer } from '../../src/contracts/cache.ts';
import { cacheFixture } from '../../src/gateway/cache.fixture.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { fakeProvider } from '../../tests/kit/fake-call.ts';
import { chatBody } from './bodies.ts';
import { measure, report } from './measure.ts';

const key = createRequestKey();

for (const [name, body] of [
  ['1 KB chat', chatBody(1024)],
  ['1 KB chat, pretty-printed', chatBody(1024, { spaced: true, turnBytes: 100 })],
  ['8 KB chat', chatBody(8 * 1024)],
  ['64 KB chat', chatBody(64 * 1024)],
] as const) {
  const facts = inspectBody(body);
  const parts = {
    scope: 'key\nk_0123456789',
    operation: 'chat',
    dialect: 'openai-chat',
    models: ['openai/gpt-5'],
    more: [],
    body,
    facts,
  } as const;
  report(
    `key of ${name}`,
    measure(() => key(parts).length),
    body.length,
  );
  report(
    '  SHA-256 of its bytes',
    measure(() => hash('sha256', body, 'base64url').length),
    body.length,
  );
}

// A full store of 64 MB, 29,000 answers in it: each that is put pushes another out.
const names = Array.from({ length: 1 << 17 }, (_, at) => hash('sha256', String(at), 'base64url'));
const store = new AnswerStore(64 << 20);
const kept: CachedAnswer = {
  id: '',
  createdMs: 0,
  freshUntilMs: 1e9,
  staleUntilMs: 1e9,
  operation: 'chat',
  dialect: 'openai-chat',
  form: 'whole',
  contentType: 'application/json',
  includeUsage: false,
  body: Buffer.alloc(700, 'a'),
  pace: null,
  provider: 'p',
  upstreamModel: 'm',
  answerModel: 'm',
  translated: false,
  dropped: [],
  adapted: [],
  stop: 'end',
  usage: null,
  quantities: null,
  turnId: null,
  costNano: 1,
  tookMs: 1,
  labels: {
    key: 'k',
    organization: null,
    team: null,
    user: null,
    customer: null,
    project: null,
    tags: [],
    model: 'm',
  },
};
let put = 0;
const next = (): string => names[put++ & (names.length - 1)]!;
for (let at = 0; at < names.length; at++) store.put({ ...kept, id: next() });
report(
  'a name that is not there, looked for',
  measure(() => (store.get(next(), 0) === null ? 1 : 0)),
);
report(
  'an entry more in a full store',
  measure(() => {
    store.put({ ...kept, id: next() });
    return store.size;
  }),
);

// A call with a provider that answers at once: without a cache, with one that has no answer and keeps this one, and with one that has.
const provider = fakeProvider('p', dialectByName('openai-chat'));
const answer = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'plain prose '.repeat(40) }, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 200, completion_tokens: 80, total_tokens: 280 },
});
const off = cacheFixture(provider, {}, null, null);
const on = cacheFixture(provider, {}, null, null);
const text = 'The lock keeper opens the gate a hand wide. '.repeat(20);
let count = 0;
const request = (id: number) => ({ model: 'm', messages: [{ role: 'user', content: `${id} ${text}` }] });

function answered({ ask }: typeof on, id: number, wish: Record<string, string> = {}): number {
  const { sink } = ask(request(id), { headers: wish });
  if (sink.status === 0) provider.requests.pop()!.json(200, answer);
  provider.requests.length = 0;
  return sink.status;
}

report(
  'a call that goes by the cache',
  measure(() => answered(off, ++count, { 'x-headgate-cache': 'off' })),
);
report(
  'a miss, and its answer kept',
  measure(() => answered(on, ++count)),
);
answered(on, 0);
report(
  'a hit',
  measure(() => answered(on, 0)),
);
