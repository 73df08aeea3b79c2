// Lists and answers that are not written as OpenAI's are: whose their objects are has to be read all the same.
import { expect, test } from 'vitest';
import { fakeCall } from '../../../tests/kit/fake-call.ts';
import type { ObjectOwner } from '../../contracts/objects.ts';
import { principalOf } from '../../governance/principal.ts';
import { createObjectBook, NO_RECORDS } from '../../objects/book.ts';
import { ownObjects } from './object-answer.ts';
import type { ObjectPages } from './object-pages.ts';

async function told(
  answer: unknown,
  rest: string,
  method = 'GET',
  known: Record<string, ObjectOwner> = {},
  query = '',
  pages: ObjectPages = () => Promise.resolve(null),
) {
  const { call } = fakeCall('openai-chat', {}, [], {}, 'passthrough');
  Object.assign(call, {
    head: { ...call.head, method, query },
    params: { provider: 'p', rest },
    principal: principalOf({ id: 'me', name: 'me' }),
  });
  const book = createObjectBook(NO_RECORDS);
  for (const [id, owner] of Object.entries(known)) book.note(id, owner);
  const delivered = { facts: null, contentType: 'application/json', body: JSON.stringify(answer) };
  const { body } = await ownObjects(call, 'p', delivered, book, false, pages);
  return { answer: JSON.parse(body.toString()) as unknown, book };
}
const mine = { owner: 'me', provider: 'p' };
const hers = { owner: 'her', provider: 'p' };

test('of a bare list each caller is shown its own', async () => {
  const all = [{ id: 'ag_1' }, { id: 'ag_2' }, { conversation_id: 'conv_3' }, 'odd'];
  const known = { ag_1: mine, ag_2: hers, conv_3: mine };
  const { answer } = await told(all, '/v1/agents', 'GET', known);
  expect(answer).toEqual([{ id: 'ag_1' }, { conversation_id: 'conv_3' }]);
});

test.each([
  [{ conversation_id: 'conv_1', outputs: [] }, '/v1/conversations', 'conv_1'],
  [{ job_id: 'job-1', meta: {} }, '/v1/embed-jobs', 'job-1'],
  [{ connector: { id: 'con-1', name: 'n' } }, '/v1/connectors', 'con-1'],
  [{ finetuned_model: { id: 'ft-1' } }, '/v1/finetuning/finetuned-models', 'ft-1'],
  [{ batch: { id: 'b-1', status: 'IN_PROGRESS' } }, '/v2/batches', 'b-1'],
  [{ batch_id: 'batch_1', state: {} }, '/v1/batches', 'batch_1'],
  [{ job: { id: 'b-2', status: 'VALIDATING' }, warning: '' }, '/v1/batches', 'b-2'],
  [{ request_id: 'r-1' }, '/v1/videos/generations', 'r-1'],
  [{ workflow_id: 'w-1', status: 'pending' }, '/v1/evaluation', 'w-1'],
  [{ session_id: 's-1', status: 'running' }, '/v1/browser/sessions', 's-1'],
  [{ data: { session_id: 's-2', outputs: [] }, errors: null }, '/v1/tci/execute', 's-2'],
])('what was made is its caller’s, by whatever it is known: %j', async (made, rest, id) => {
  const { book } = await told(made, rest, 'POST');
  expect(await book.find(id)).toEqual(mine);
});

test('of a list whose objects have names alone each caller is shown its own', async () => {
  const agents = ['a', 'b', 'c'].map((name) => ({ name: `agents/${name}` }));
  const { answer } = await told({ agents }, '/v1beta/agents', 'GET', { a: mine, b: hers });
  expect(answer).toEqual({ agents: [{ name: 'agents/a' }] });
});

test('so it is of Together’s evaluations and of the sessions that its code runs in', async () => {
  const jobs = [{ workflow_id: 'w-1' }, { workflow_id: 'w-2' }, { workflow_id: 'w-3' }];
  const evaluations = await told(jobs, '/v1/evaluation', 'GET', { 'w-1': mine, 'w-2': hers });
  expect(evaluations.answer).toEqual([{ workflow_id: 'w-1' }]);
  const list = (...ids: string[]) => ({ data: { sessions: ids.map((id) => ({ id })) }, errors: null });
  const known = { 's-1': hers, 's-2': mine };
  const sessions = await told(list('s-1', 's-2', 's-3'), '/v1/tci/sessions', 'GET', known);
  expect(sessions.answer).toEqual(list('s-2'));
});

test('what is said of a session of somebody else makes it nobody’s own', async () => {
  const { book } = await told({ data: { session_id: 's-1' } }, '/v1/tci/execute', 'POST', { 's-1': hers });
  expect(await book.find('s-1')).toEqual(hers);
});

test.each(['/async/chat/completions', '/v1/async/sonar'])(
  'a chat that is answered later stays its maker’s where another repeats its key: %s',
  async (path) => {
    const made = { id: 'r-1', status: 'CREATED' };
    const first = await told(made, path, 'POST');
    expect(await first.book.find('r-1')).toEqual(mine);
    const again = await told(made, path, 'POST', { 'r-1': hers });
    expect(await again.book.find('r-1')).toEqual(hers);
    const requests = [{ id: 'r-1' }, { id: 'r-2' }];
    const { answer } = await told({ requests }, path, 'GET', { 'r-1': hers, 'r-2': mine });
    expect(answer).toEqual({ requests: [{ id: 'r-2' }] });
  },
);

test('skills that Anthropic has for everybody are shown to everybody', async () => {
  const data = [
    { id: 'pptx', source: 'anthropic' },
    { id: 'skill_1', source: 'custom' },
  ];
  const { answer } = await told({ data, has_more: false }, '/v1/skills', 'GET', { skill_1: hers });
  expect(answer).toMatchObject({ data: [{ id: 'pptx' }] });
});

test('what an object of one’s own says of files makes nobody’s file one’s own', async () => {
  const metadata = { output: { fileName: 'f-hers', responsesFile: 'f-nobodys' } };
  const { book } = await told({ id: 'ag_1', metadata }, '/v1/agents', 'POST', { 'f-hers': hers });
  expect(await book.many(['ag_1', 'f-hers', 'f-nobodys'])).toEqual([mine, hers, null]);
  const job = { id: 'job-1', object: 'batch', output_file: 'f-hers', error_file: 'f-new' };
  const begun = await told(job, '/v1/batch/jobs', 'POST', { 'f-hers': hers });
  expect(await begun.book.many(['f-hers', 'f-new'])).toEqual([hers, mine]);
});

test.each(['f({"files":[{"name":"files/f-hers"}]});', '[{"id":', '\x0a\x08'])(
  'a list that nobody can read is shown to nobody but who is alone: %j',
  (body) => {
    const { call } = fakeCall('gemini', {}, [], {}, 'passthrough');
    Object.assign(call, {
      head: { ...call.head, method: 'GET' },
      params: { provider: 'p', rest: '/v1beta/files' },
      principal: principalOf({ id: 'me', name: 'me' }),
    });
    const delivered = { facts: null, contentType: 'application/json', body };
    const tell = (alone: boolean) =>
      ownObjects(call, 'p', delivered, createObjectBook(NO_RECORDS), alone, () => Promise.resolve(null));
    // It must not count as a failure of the provider's, which any client could bring about.
    expect(() => tell(false)).toThrow(
      expect.objectContaining({ code: 'GW_CLIENT_UNSUPPORTED', retry: 'no' }),
    );
    expect(tell(true)).toBe(delivered);
  },
);

// Six of a key's objects at the provider, every other one this caller's.
const six = [1, 2, 3, 4, 5, 6].map((number) => ({ id: `f_${number}` }));
const owners = Object.fromEntries(six.map(({ id }, at) => [id, at % 2 === 0 ? mine : hers]));

function paged(size: number, wrap: (page: object[]) => unknown) {
  const seen: string[] = [];
  const pages: ObjectPages = (_call, _provider, { name, value }) => {
    seen.push(`${name}=${value}`);
    const from = name === 'page' ? Number(value) * size : Number(value);
    return Promise.resolve(Buffer.from(JSON.stringify(wrap(six.slice(from, from + size)))));
  };
  return { seen, pages };
}

test('a page that is asked for by its number is filled with what is its caller’s, and counts nobody else’s', async () => {
  const wrap = (data: object[]) => ({ object: 'list', data, total: 6 });
  const { seen, pages } = paged(2, wrap);
  const first = await told(wrap(six.slice(0, 2)), '/v1/files', 'GET', owners, 'page=0&page_size=2', pages);
  expect(first.answer).toEqual({ object: 'list', data: [{ id: 'f_1' }, { id: 'f_3' }], total: 2 });
  expect(seen).toEqual(['page=1']);
  const second = await told(wrap(six.slice(2, 4)), '/v1/files', 'GET', owners, 'page=1&page_size=2', pages);
  expect(second.answer).toEqual({ object: 'list', data: [{ id: 'f_5' }], total: 3 });
  const third = await told(wrap(six.slice(4, 6)), '/v1/files', 'GET', owners, 'page=2&page_size=2', pages);
  expect(third.answer).toEqual({ object: 'list', data: [], total: 3 });
});

test('so is one by how many come before it, and a bare one', async () => {
  const wrap = (connectors: object[]) => ({ connectors, total_count: 6 });
  const { pages } = paged(2, wrap);
  const asked = await told(wrap(six.slice(1, 3)), '/v1/connectors', 'GET', owners, 'offset=1&limit=2', pages);
  expect(asked.answer).toEqual({ connectors: [{ id: 'f_3' }, { id: 'f_5' }], total_count: 3 });
  const bare = paged(3, (page) => page);
  const agents = await told(six.slice(0, 3), '/v1/agents', 'GET', owners, 'page=0&page_size=3', bare.pages);
  expect(agents.answer).toEqual([{ id: 'f_1' }, { id: 'f_3' }, { id: 'f_5' }]);
});

test('one that is behind all that are looked at is shown as it came, less what is others’', async () => {
  const wrap = (data: object[]) => ({ object: 'list', data, total: 90 });
  const { seen, pages } = paged(2, wrap);
  const far = await told(wrap(six.slice(0, 2)), '/v1/files', 'GET', owners, 'page=20&page_size=2', pages);
  expect([far.answer, seen]).toEqual([{ object: 'list', data: [{ id: 'f_1' }], total: 41 }, []]);
});

test('what a list says of its pages is of its caller’s', async () => {
  const pagination = { total_items: 6, total_pages: 3, current_page: 0, page_size: 2, has_more: true };
  const wrap = (data: object[]) => ({ data, pagination });
  const { pages } = paged(2, wrap);
  const { answer } = await told(wrap(six.slice(0, 2)), '/v1/libraries', 'GET', owners, 'page_size=2', pages);
  expect(answer).toEqual({
    data: [{ id: 'f_1' }, { id: 'f_3' }],
    pagination: { ...pagination, total_items: 2, total_pages: 1 },
  });
  // What nobody goes on with is shown as far as it is known.
  const alone = await told(wrap(six.slice(0, 2)), '/v1/libraries', 'GET', owners, 'page_size=2');
  expect(alone.answer).toEqual({
    data: [{ id: 'f_1' }],
    pagination: { ...pagination, total_items: 1, total_pages: 1 },
  });
});

test('a list by tokens counts its caller’s alone', async () => {
  const finetuned_models = [{ id: 'f_1' }, { id: 'f_2' }];
  const list = { finetuned_models, next_page_token: 'n', total_size: 6 };
  const { answer } = await told(list, '/v1/finetuning/finetuned-models', 'GET', owners);
  expect(answer).toEqual({ finetuned_models: [{ id: 'f_1' }], next_page_token: 'n', total_size: 1 });
});

test('whoever answers with the same page again is asked no further, and nothing is shown twice', async () => {
  let asked = 0;
  const list = { data: six.slice(0, 2), total: 2 };
  const { answer } = await told(list, '/v1/files', 'GET', owners, '', () => {
    asked++;
    return Promise.resolve(Buffer.from(JSON.stringify(list)));
  });
  expect([answer, asked]).toEqual([{ data: [{ id: 'f_1' }], total: 1 }, 1]);
});
