// Containers of responses that nobody keeps (`store: false`) belonged to nobody: every caller could run code in them, and none could
// fetch what its own had made.
import { expect, test, vi } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import type { AttemptRecord, Call } from '../contracts/call.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { ObjectOwner } from '../contracts/objects.ts';
import { principalOf } from '../governance/principal.ts';
import { createObjectBook, NO_RECORDS } from '../objects/book.ts';
import { dialectByName } from '../registry/dialects.ts';
import { decodeBody } from '../body/decompress.ts';
import { createOwnFiles } from './own-files.ts';

const OPENAI = {
  model: 'm',
  store: false,
  tools: [{ type: 'code_interpreter', container: { type: 'auto' } }],
};
const CLAUDE = { model: 'm', tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] };

async function asked(dialect: DialectName, body: object) {
  const book = createObjectBook(NO_RECORDS);
  const claim = vi.spyOn(book, 'claim');
  const { call, sink } = fakeCall(dialect, body, [fakeProvider('p', dialectByName(dialect))]);
  call.principal = principalOf({ id: 'me', name: 'me' });
  const stage = createOwnFiles({ book, turns: { get: () => null }, alone: () => false }, decodeBody);
  expect(await stage(call)).toBe('continue');
  call.provider = 'p';
  call.attempted({} as AttemptRecord);
  return { call, sink, book, claim, claimed: (): string[] => claim.mock.calls.map(([id]) => id) };
}

const done = (call: Call, ...pieces: string[]): void => {
  call.sink.start(200, []);
  for (const piece of pieces) call.sink.chunk(Buffer.from(piece));
  call.sink.end();
};
const item = (id: string) => `data: {"item":{"type":"code_interpreter_call","container_id":"${id}"}}\n\n`;

test('a container in an answer that is not kept is its caller’s before the client hears of it', async () => {
  const { call, sink, book } = await asked('openai-responses', OPENAI);
  let known: ObjectOwner | null | Promise<unknown> = null;
  const chunk = sink.chunk.bind(sink);
  sink.chunk = (bytes) => {
    known = book.find('cntr_1');
    return chunk(bytes);
  };
  done(call, item('cntr_1'));
  expect(known).toEqual({ owner: 'me', provider: 'p' });
  expect(sink.body).toBe(item('cntr_1'));
});

test('a name that is cut in two is found, wherever it is cut, and told once', async () => {
  const text = item('cntr_1') + item('cntr_1');
  for (let at = 1; at < text.length; at++) {
    const { call, claimed } = await asked('openai-responses', OPENAI);
    done(call, text.slice(0, at), text.slice(at));
    expect(claimed()).toEqual(['cntr_1']);
  }
});

test.each([
  ['{"content":[],"container":{"expires_at":"2027","id":"container_1"}}', ['container_1']],
  ['{"type":"bash_code_execution_output","file_id":"file_1"}', ['file_1']],
  ['{"file_id": "file_2", "type": "code_execution_output"}', ['file_2']],
  ['{"container":null,"content":[{"type":"text","text":"\\"container_id\\":\\"c\\""}]}', []],
  ['{"type":"document","file_id":"file_3"}', []],
])('of Messages: %s', async (answer, expected) => {
  const { call, sink, claimed } = await asked('anthropic', CLAUDE);
  call.sink.reply(200, [], answer);
  expect(claimed()).toEqual(expected);
  expect(sink.body).toBe(answer);
});

test('what its request names was there before it', async () => {
  const body = { model: 'm', tools: [{ type: 'code_interpreter', container: 'cntr_shared' }] };
  const { call, claimed } = await asked('openai-responses', body);
  done(call, item('cntr_shared'), item('cntr_new'));
  expect(claimed()).toEqual(['cntr_new']);
  const disguised = await asked('openai-responses', body);
  disguised.call.body = Buffer.from(JSON.stringify(body).replace('cntr_', '\\u0063ntr_'));
  const book = createObjectBook(NO_RECORDS);
  const stage = createOwnFiles({ book, turns: { get: () => null }, alone: () => false }, decodeBody);
  await stage(disguised.call);
  done(disguised.call, item('cntr_shared'));
  expect(await book.find('cntr_shared')).toBeNull();
});

test('what another is known to have made stays its own', async () => {
  const { call, book } = await asked('openai-responses', OPENAI);
  book.note('cntr_yours', { owner: 'you', provider: 'p' });
  done(call, item('cntr_yours'));
  expect(book.find('cntr_yours')).toEqual({ owner: 'you', provider: 'p' });
});

test.each<[string, DialectName, object]>([
  [
    'has no tool that runs code',
    'openai-responses',
    { model: 'm', tools: [{ type: 'function', name: 'f' }] },
  ],
  ['has none at all', 'anthropic', { model: 'm' }],
  ['is of another dialect', 'openai-chat', OPENAI],
])('a request that %s costs nothing', async (_, dialect, body) => {
  const { call, sink } = await asked(dialect, body);
  expect(call.sink).toBe(sink);
});

test('a stored prompt brings its own tools', async () => {
  const { call, claimed } = await asked('openai-responses', { prompt: { id: 'pmpt_1' } });
  done(call, item('cntr_1'));
  expect(claimed()).toEqual(['cntr_1']);
});
