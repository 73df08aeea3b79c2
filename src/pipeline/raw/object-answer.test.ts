// Lists and answers that are not written as OpenAI's are: whose their objects are has to be read all the same.
import { expect, test } from 'vitest';
import { fakeCall } from '../../../tests/kit/fake-call.ts';
import type { ObjectOwner } from '../../contracts/objects.ts';
import { principalOf } from '../../governance/principal.ts';
import { createObjectBook, NO_RECORDS } from '../../objects/book.ts';
import { ownObjects } from './object-answer.ts';

async function told(answer: unknown, rest: string, method = 'GET', known: Record<string, ObjectOwner> = {}) {
  const { call } = fakeCall('openai-chat', {}, [], {}, 'passthrough');
  Object.assign(call, {
    head: { ...call.head, method },
    params: { provider: 'p', rest },
    principal: principalOf({ id: 'me', name: 'me' }),
  });
  const book = createObjectBook(NO_RECORDS);
  for (const [id, owner] of Object.entries(known)) book.note(id, owner);
  const delivered = { facts: null, contentType: 'application/json', body: JSON.stringify(answer) };
  const { body } = await ownObjects(call, 'p', delivered, book, false, () => Promise.resolve(null));
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
])('what was made is its caller’s, by whatever it is known: %j', async (made, rest, id) => {
  const { book } = await told(made, rest, 'POST');
  expect(await book.find(id)).toEqual(mine);
});

test('of a list whose objects have names alone each caller is shown its own', async () => {
  const agents = ['a', 'b', 'c'].map((name) => ({ name: `agents/${name}` }));
  const { answer } = await told({ agents }, '/v1beta/agents', 'GET', { a: mine, b: hers });
  expect(answer).toEqual({ agents: [{ name: 'agents/a' }] });
});

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
