import { describe, expect, it } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { inspectBody } from '../body/inspect.ts';
import type { Call } from '../contracts/call.ts';
import type { OperationName } from '../contracts/operation.ts';
import type { StoredResponse } from '../contracts/responses.ts';
import type { RouteParams } from '../contracts/route.ts';
import { createPrincipalMaker } from '../governance/principal.ts';
import { createObjectBook, NO_RECORDS } from '../objects/book.ts';
import { dialectByName } from '../registry/dialects.ts';
import { operations } from '../registry/operations.ts';
import { createOwn } from './own.ts';
import { createUploadSeal } from './upload-seal.ts';
import { ownObjects } from './raw/object-answer.ts';
import type { ObjectPages } from './raw/object-pages.ts';

const NOT_FOUND = { code: 'GW_CLIENT_OBJECT_NOT_FOUND', status: 404 };

function book() {
  const made = createObjectBook(NO_RECORDS);
  made.note('file-mine', { owner: 'me', provider: 'oa' });
  made.note('file-mine-2', { owner: 'me', provider: 'oa' });
  made.note('file-yours', { owner: 'you', provider: 'oa' });
  return made;
}

/** The caller has one turn. */
const UPLOADS = createUploadSeal(
  () => 'secret',
  () => 0,
);
const TURNS = { get: (owner: string, id: string) => (owner === 'me' && id === 'resp_mine' ? TURN : null) };
const TURN: StoredResponse = {
  kind: 'response',
  id: 'resp_mine',
  owner: 'me',
  provider: 'oa',
  model: 'm',
  upstream: true,
  chain: [],
  input: '[]',
  answer: '{}',
  expiresMs: 0,
};

interface Asked {
  params?: RouteParams;
  method?: string;
  query?: string;
  body?: string;
}

function callOf(name: OperationName, { params = {}, method = 'GET', query = '', body }: Asked): Call {
  const { call } = fakeCall('openai-chat', {}, [fakeProvider('oa', dialectByName('openai-chat'))]);
  const principal = { ...call.principal, id: 'me', name: 'me' };
  Object.assign(call, {
    operation: operations[name],
    params,
    principal,
    head: { ...call.head, method, query },
  });
  if (body !== undefined) {
    call.body = Buffer.from(body);
    if (name === 'interaction') call.facts = inspectBody(call.body);
  }
  return call;
}

async function ask(name: OperationName, asked: Asked, alone = false) {
  const call = callOf(name, asked);
  return { call, result: await createOwn({ book: book(), turns: TURNS, alone: () => alone }, UPLOADS)(call) };
}

describe('a film that another one is made of', () => {
  const at = async (body: string, type = 'application/json', more: Asked = {}) => {
    const call = callOf('video-object', { method: 'POST', body, ...more });
    call.head.headers.add('content-type', type);
    const films = book();
    films.note('video_mine', { owner: 'me', provider: 'two' });
    films.note('video_yours', { owner: 'you', provider: 'three' });
    const stage = createOwn({ book: films, turns: TURNS, alone: () => false }, UPLOADS);
    expect(await stage(call)).toBe('continue');
    return call.keptAt;
  };
  const json = (id: unknown) => JSON.stringify({ prompt: 'x', video: { id } });
  const field = (id: string) =>
    `--b\r\ncontent-disposition: form-data; name="video[id]"\r\n\r\n${id}\r\n--b--`;
  const form = 'multipart/form-data; boundary=b';

  it('says where it is made, if it is the caller’s', async () => {
    expect([await at(json('video_mine')), await at(field('video_mine'), form)]).toEqual(['two', 'two']);
    for (const id of ['video_yours', 'video_unknown'])
      expect([await at(json(id)), await at(field(id), form)]).toEqual([null, null]);
  });

  it('and nothing where it is not named, or not to be read', async () => {
    for (const body of ['{"prompt":"x"}', json(7), 'video_mine', '']) expect(await at(body)).toBeNull();
    expect(await at('--b', form)).toBeNull();
    expect(await at(json('video_mine'), 'application/json', { method: 'GET' })).toBeNull();
  });
});

describe('an object that is named', () => {
  it.each<[string, string, boolean, unknown]>([
    ['the caller’s', 'file-mine', false, 'continue'],
    ['another’s', 'file-yours', false, NOT_FOUND],
    ['another’s, whoever is left', 'file-yours', true, NOT_FOUND],
    ['nobody’s, among several callers', 'file-old', false, NOT_FOUND],
    ['nobody’s, with one caller', 'file-old', true, 'continue'],
  ])('is %s', async (_whose, id, alone, expected) => {
    const { call, result } = await ask('file', { params: { id } }, alone);
    if (expected === 'continue') expect(result).toBe('continue');
    else expect(result).toMatchObject(NOT_FOUND);
    expect(call.keptAt).toBe(id === 'file-old' ? null : 'oa');
  });

  it('is none', async () => {
    expect((await ask('file', {})).result).toBe('continue');
    expect((await ask('batch', { method: 'GET' })).result).toBe('continue');
  });

  it.each<[unknown, unknown]>([
    ['file-mine', 'continue'],
    ['file-yours', NOT_FOUND],
    ['', 'continue'],
    [7, 'continue'],
  ])('is what an interaction goes on from: %j', async (previous, expected) => {
    const body = JSON.stringify({ model: 'm', input: 'x', previous_interaction_id: previous });
    const { call, result } = await ask('interaction', { method: 'POST', body });
    if (expected === 'continue') expect(result).toBe('continue');
    else expect(result).toMatchObject(NOT_FOUND);
    expect(call.keptAt).toBe(typeof previous === 'string' && previous !== '' ? 'oa' : null);
    expect(call.body!.toString()).toBe(body);
  });

  it('is said once, in any spelling, of what an interaction goes on from', async () => {
    const of = (body: string) => ask('interaction', { method: 'POST', body });
    const name = [...'previous_interaction_id']
      .map((one) => `\\u00${one.charCodeAt(0).toString(16)}`)
      .join('');
    expect((await of(`{"${name}":"file-yours"}`)).result).toMatchObject(NOT_FOUND);
    const twice = { status: 400, param: 'previous_interaction_id' };
    for (const again of ['previous_interaction_id', name])
      expect(
        (await of(`{"previous_interaction_id":"file-mine","${again}":"file-yours"}`)).result,
      ).toMatchObject(twice);
  });

  it.each<[string, unknown, string | null]>([
    ['call_id=file-mine&model=m', 'continue', 'oa'],
    ['model=m&call_id=file-yours', NOT_FOUND, 'oa'],
    ['call_id=file-old', NOT_FOUND, null],
    ['model=m&c%61ll_id=file-yours', NOT_FOUND, 'oa'],
    ['model=m&recall_id=file-yours', 'continue', null],
    ['model=m', 'continue', null],
  ])('is a conversation under way, beside which a socket is opened: %s', async (query, expected, kept) => {
    const { call, result } = await ask('realtime', { query });
    if (expected === 'continue') expect(result).toBe('continue');
    else expect(result).toMatchObject(NOT_FOUND);
    expect(call.keptAt).toBe(kept);
  });

  it('stands in a body, which says it once from then on', async () => {
    const of = (body: string) => ask('batch', { method: 'POST', body });
    expect((await of('{"input_file_id":"file-yours"}')).result).toMatchObject(NOT_FOUND);
    expect(
      (await of('{"input_file_id":"file-mine","input_file\\u005fid":"file-yours"}')).result,
    ).toMatchObject(NOT_FOUND);
    const { call, result } = await of('{"input_file_id":"file-yours", "input_file_id":"file-mine"}');
    expect([result, call.body!.toString()]).toEqual(['continue', '{"input_file_id":"file-mine"}']);
    expect((await of('{"requests":[]}')).result).toBe('continue');
    for (const body of ['', '[]', 'null', '{'])
      expect((await of(body)).result).toMatchObject({ status: 400 });
  });

  it('knows the models of its file, and what the batch says beside it', async () => {
    const known = book();
    known.note('file-seen', { owner: 'me', provider: 'oa', models: ['a'] });
    const own = createOwn({ book: known, turns: TURNS, alone: () => false }, UPLOADS);
    const named = async (asked: Asked) => {
      const call = callOf('batch', asked);
      call.principal = createPrincipalMaker()({ id: 'me', name: 'me', grants: [{ models: ['a'] }] });
      expect(await own(call)).toBe('continue');
      return call.namedModels?.models ?? null;
    };
    const begun = (beside: object) =>
      named({ method: 'POST', body: JSON.stringify({ input_file_id: 'file-seen', ...beside }) });
    expect(await begun({})).toEqual(['a']);
    expect(await begun({ model_id: 'o3', model: 'b' })).toEqual(['a', 'b', 'o3']);
    expect(await named({ method: 'POST', body: '{"input_file_id":"file-mine"}' })).toBeNull();
    // A batch of its own is ended with no body at all.
    expect(await named({ method: 'POST', params: { id: 'file-seen' }, body: '' })).toEqual(['a']);
  });

  it('stands in a path that is forwarded', async () => {
    const through = (rest: string, alone = false) =>
      ask('passthrough', { params: { provider: 'oa', rest } }, alone);
    expect((await through('/v1/files/file-yours/content')).result).toMatchObject(NOT_FOUND);
    expect((await through('/v1/files/file-mine')).result).toBe('continue');
    // Made without the gateway, as far as anybody knows.
    expect((await through('/v1/files/file-old')).result).toBe('continue');
    expect((await through('/v1/files')).result).toBe('continue');
  });
});

describe('what a forwarded path names', () => {
  const through = (rest: string, headers: Record<string, string> = {}, unknown = 'refuse') => {
    const call = callOf('passthrough', { params: { provider: 'oa', rest }, method: 'GET' });
    for (const [name, value] of Object.entries(headers)) call.head.headers.add(name, value);
    const config = { ...call.snapshot.config, responses: { unknown } };
    Object.assign(call, { snapshot: { ...call.snapshot, config } });
    const known = book();
    known.note('files/yours', { owner: 'you', provider: 'ge' });
    known.note('yours-1', { owner: 'you', provider: 'ge' });
    known.note('cachedContents/mine', { owner: 'me', provider: 'ge' });
    known.note('operations/yours', { owner: 'you', provider: 'ge' });
    return createOwn({ book: known, turns: TURNS, alone: () => false }, UPLOADS)(call);
  };

  it.each([
    '/v1/files/file%2Dyours',
    '/v1%2Ffiles%2Ffile-yours/content',
    '/v1/vector_stores/vs_1/files/file-yours',
    '/v1beta/files/yours',
    '/v1beta/files/yours:download?alt=media',
    '/upload/v1beta/files/yours',
    '/projects/p/locations/l/files/yours',
    '/v1beta/models/veo-3/operations/yours',
    '/v1/operations/yours:cancel',
    // Turns and completions are known otherwise: what is not the caller's is not there.
    '/v1/responses/resp_yours',
    '/v1/conversations/conv_yours/items',
    '/v1/chat/completions/chatcmpl-old',
  ])('is another’s: %s', async (rest) => {
    expect(await through(rest)).toMatchObject(NOT_FOUND);
  });

  it.each([
    '/v1/libraries/yours-1/documents',
    '/v1/agents/yours-1/versions',
    '/v1/batch/jobs/yours-1/cancel',
    '/v1/fine_tuning/jobs/yours-1',
    '/v1/audio/voices/yours-1/sample',
    '/v1/files/yours-1/url',
    '/v1/datasets/yours-1',
    '/v1/embed-jobs/yours-1/cancel',
    '/v1/connectors/yours-1/oauth/authorize',
    '/v1/finetuning/finetuned-models/yours-1/training-step-metrics',
    '/v2/batches/yours-1:cancel',
  ])('is another’s, by an id that says nothing: %s', async (rest) => {
    expect(await through(rest)).toMatchObject(NOT_FOUND);
  });

  it.each([
    '/v1beta/cachedContents/mine',
    '/v1/responses/resp_mine/input_items',
    '/v1/files/%E0%A4%A',
    '/v1beta/models/m:generateContent',
  ])('is the caller’s, or none: %s', async (rest) => {
    expect(await through(rest)).toBe('continue');
  });

  it('is a turn that its provider knows, where the configuration leaves it to that', async () => {
    expect(await through('/v1/responses/resp_yours', {}, 'pass')).toBe('continue');
  });
});

it('what is below one’s own object may be another’s', async () => {
  const params = { id: 'vs_mine', item: 'file-yours' };
  const known = book();
  known.note('vs_mine', { owner: 'me', provider: 'oa' });
  const own = createOwn({ book: known, turns: TURNS, alone: () => false }, UPLOADS);
  expect(await own(callOf('vector-store', { params }))).toMatchObject(NOT_FOUND);
  expect(await own(callOf('vector-store', { params: { ...params, item: 'file-mine' } }))).toBe('continue');
});

it('a model is nobody’s among several callers', async () => {
  const params = { model: 'ft:gpt:x' };
  expect((await ask('model-object', { params, method: 'DELETE' })).result).toMatchObject(NOT_FOUND);
  expect((await ask('model-object', { params, method: 'DELETE' }, true)).result).toBe('continue');
});

describe('an answer', () => {
  const deliver = async (
    asked: Asked,
    json: unknown,
    alone = false,
    pages: ObjectPages = () => Promise.resolve(null),
  ) => {
    const known = book();
    const call = callOf('batch', asked);
    const body = typeof json === 'string' ? json : JSON.stringify(json);
    const delivered = { facts: null, contentType: 'application/json', body: Buffer.from(body) };
    const { body: made } = await ownObjects(call, 'oa', delivered, known, alone, pages);
    return {
      known,
      made: made.toString(),
      json: made.length === 0 ? null : (JSON.parse(made.toString()) as unknown),
    };
  };

  it('that makes an object says whose it is, and those that come of it', async () => {
    const { known } = await deliver(
      { method: 'POST' },
      { id: 'batch-1', output_file_id: 'file-out', error_file_id: null },
    );
    expect(known.find('batch-1')).toEqual({ owner: 'me', provider: 'oa' });
    expect(known.find('file-out')).toEqual({ owner: 'me', provider: 'oa' });
  });

  it('that deletes one makes it nobody’s anew', async () => {
    const { known } = await deliver({ method: 'DELETE', params: { id: 'x' } }, { id: 'x', deleted: true });
    expect(await known.find('x')).toBeNull();
  });

  it('that lists them shows the caller’s', async () => {
    const data = ['file-mine', 'file-yours', 'file-old'].map((id) => ({ id, n: 1 }));
    const list = { object: 'list', data, has_more: false, first_id: 'file-mine', last_id: 'file-old' };
    expect((await deliver({}, list)).json).toEqual({
      object: 'list',
      data: [{ id: 'file-mine', n: 1 }],
      has_more: false,
      first_id: 'file-mine',
      last_id: 'file-mine',
    });
    // Where the next page begins is said by the provider's own ids.
    expect((await deliver({}, { ...list, has_more: true })).json).toMatchObject({ last_id: 'file-old' });
    expect((await deliver({}, { ...list, data: [{ id: 'file-yours' }, 1, {}] })).json).toMatchObject({
      data: [],
      last_id: null,
    });
    const whole = JSON.stringify(list, null, 1);
    expect((await deliver({}, whole, true)).made).toBe(whole);
  });

  it('that lists none of the caller’s goes on until some are found, and no longer than some pages', async () => {
    const others = { object: 'list', data: [{ id: 'file-yours' }], has_more: true, last_id: 'file-yours' };
    const mine = {
      ...others,
      data: [{ id: 'file-yours' }, { id: 'file-mine' }],
      has_more: true,
      last_id: 'file-mine',
    };
    const asked: string[] = [];
    const found = await deliver({}, others, false, (_call, _provider, { value }) => {
      asked.push(value);
      return Promise.resolve(Buffer.from(JSON.stringify(asked.length < 3 ? others : mine)));
    });
    expect(asked).toEqual(['file-yours', 'file-yours', 'file-yours']);
    expect(found.json).toMatchObject({ data: [{ id: 'file-mine' }], has_more: true, last_id: 'file-mine' });
    asked.length = 0;
    const none = await deliver({}, others, false, (_call, _provider, { value }) => {
      asked.push(value);
      return Promise.resolve(Buffer.from(JSON.stringify(others)));
    });
    expect(asked.length).toBeLessThan(20);
    expect(none.json).toMatchObject({ data: [], has_more: true, last_id: 'file-yours' });
    for (const broken of ['no JSON', '{"data":7}', '[]'])
      expect(
        (await deliver({}, others, false, () => Promise.resolve(Buffer.from(broken)))).json,
      ).toMatchObject({ data: [] });
  });

  it('that is read backwards goes on backwards', async () => {
    const list = (ids: string[], more: boolean) => ({
      object: 'list',
      data: ids.map((id) => ({ id })),
      has_more: more,
      first_id: ids[0],
      last_id: ids.at(-1),
    });
    const asked: unknown[] = [];
    const before = [list(['file-mine', 'file-2-yours'], true), list(['file-3-yours', 'file-mine-2'], false)];
    const pages: ObjectPages = (_call, _provider, { name, value }) => {
      asked.push([value, name === 'before_id']);
      return Promise.resolve(Buffer.from(JSON.stringify(before.shift())));
    };
    const read = await deliver(
      { query: 'before_id=file-old&limit=2' },
      list(['file-yours', 'file-old'], true),
      false,
      pages,
    );
    expect(asked).toEqual([
      ['file-yours', true],
      ['file-mine', true],
    ]);
    expect(read.json).toEqual({
      object: 'list',
      data: [{ id: 'file-mine-2' }, { id: 'file-mine' }],
      has_more: false,
      first_id: 'file-mine-2',
      last_id: 'file-mine',
    });
    const none = await deliver({ query: 'before_id=x' }, list(['file-yours'], true), false);
    expect(none.json).toMatchObject({
      data: [],
      has_more: true,
      first_id: 'file-yours',
      last_id: 'file-yours',
    });
  });

  it('that says where its results are says it of the gateway', async () => {
    const batch = {
      id: 'msgbatch_1',
      results_url: 'https://api.example.com/v1/messages/batches/msgbatch_1/results',
    };
    const here = { id: 'msgbatch_1', results_url: '/v1/messages/batches/msgbatch_1/results' };
    expect((await deliver({ params: { id: 'msgbatch_1' } }, batch)).json).toEqual(here);
    expect((await deliver({}, { data: [batch, { id: 'b', results_url: null }] }, true)).json).toEqual({
      data: [here, { id: 'b', results_url: null }],
    });
  });

  it('of a path that is forwarded is the caller’s own too', async () => {
    const forwarded = async (asked: Asked, json: unknown, alone = false) => {
      const known = book();
      const params = { provider: 'oa', rest: '/v1/files' };
      const call = callOf('passthrough', { params, ...asked });
      const delivered = {
        facts: null,
        contentType: 'application/json',
        body: Buffer.from(JSON.stringify(json)),
      };
      const { body } = await ownObjects(call, 'oa', delivered, known, alone, () => Promise.resolve(null));
      return { known, json: JSON.parse(body.toString()) as unknown };
    };
    const list = { data: ['file-mine', 'file-yours', 'file-old'].map((id) => ({ id })) };
    expect((await forwarded({}, list)).json).toEqual({ data: [{ id: 'file-mine' }] });
    expect((await forwarded({}, list, true)).json).toEqual(list);
    // Models are nobody's.
    const models = { object: 'list', data: [{ id: 'gpt-5', object: 'model' }] };
    for (const rest of ['/models', '/v1/models', '/v1/models/'])
      expect((await forwarded({ params: { rest } }, models)).json).toEqual(models);
    expect((await forwarded({ params: { rest: '/v1/tunedModels' } }, models)).json).toMatchObject({
      data: [],
    });
    const { known } = await forwarded({ method: 'POST' }, { id: 'file-new' });
    expect(known.find('file-new')).toEqual({ owner: 'me', provider: 'oa' });
    const batch = { id: 'msgbatch_1', results_url: 'https://api.example.com/v1/x' };
    expect((await forwarded({ method: 'POST' }, batch)).json).toEqual(batch);
  });

  it('of a path that is forwarded is filled by the names that its pages have', async () => {
    const all = [{ id: 'file-yours' }, { id: 'file-mine' }];
    for (const [member, token, name] of [
      ['files', 'nextPageToken', 'pageToken'],
      ['asyncInvokeSummaries', 'nextToken', 'nextToken'],
      ['batches', 'next_page_token', 'page_token'],
      ['batches', 'pagination_token', 'pagination_token'],
      ['data', 'next_page', 'page'],
    ] as const) {
      const known = book();
      const asked: unknown[] = [];
      const give = async (last: number) => {
        const call = callOf('passthrough', { params: { provider: 'oa', rest: '/v1/files' } });
        const page = (at: number) => ({
          [member]: [all[at < last ? 0 : 1]],
          ...(at < 30 && { [token]: `t${at}` }),
        });
        const pages: ObjectPages = (_call, _provider, place) => {
          asked.push(place);
          return Promise.resolve(Buffer.from(JSON.stringify(page(asked.length))));
        };
        const body = Buffer.from(JSON.stringify(page(0)));
        const delivered = { facts: null, contentType: 'application/json', body };
        const made = await ownObjects(call, 'oa', delivered, known, false, pages);
        return JSON.parse(made.body.toString()) as unknown;
      };
      expect(await give(2)).toEqual({ [member]: [{ id: 'file-mine' }], [token]: 't2' });
      expect(asked).toEqual([
        { name, value: 't0' },
        { name, value: 't1' },
      ]);
      asked.length = 0;
      // No longer than some pages: where it goes on is said.
      expect(await give(30)).toEqual({ [member]: [], [token]: `t${asked.length}` });
      expect(asked.length).toBeLessThan(20);
    }
  });

  it('of Google’s is known by names', async () => {
    const known = book();
    known.note('files/mine', { owner: 'me', provider: 'oa' });
    known.note('files/yours', { owner: 'you', provider: 'oa' });
    const forwarded = async (rest: string, method: string, json: unknown) => {
      const call = callOf('passthrough', { params: { provider: 'oa', rest }, method });
      const body = Buffer.from(JSON.stringify(json));
      const delivered = { facts: null, contentType: 'application/json', body };
      const made = await ownObjects(call, 'oa', delivered, known, false, () => Promise.resolve(null));
      return JSON.parse(made.body.toString()) as unknown;
    };
    const files = ['files/yours', 'files/mine', 'files/old'].map((name) => ({ name }));
    expect(await forwarded('/v1beta/files', 'GET', { files, nextPageToken: 't' })).toEqual({
      files: [{ name: 'files/mine' }],
      nextPageToken: 't',
    });
    await forwarded('/upload/v1beta/files', 'POST', {
      file: { name: 'files/new', uri: 'https://g/files/new' },
    });
    await forwarded('/v1beta/models/m:batchGenerateContent', 'POST', { name: 'batches/b', metadata: {} });
    await forwarded('/v1beta/cachedContents', 'POST', { name: 'cachedContents/c', model: 'models/m' });
    for (const id of ['files/new', 'batches/b', 'cachedContents/c'])
      expect(known.find(id)).toEqual({ owner: 'me', provider: 'oa' });
    // A batch says what it made: to whom it belongs alone.
    const done = (name: string) => ({
      name,
      metadata: { output: { responsesFile: `files/of-${name.slice(8)}` } },
    });
    await forwarded('/v1beta/batches/b', 'GET', done('batches/b'));
    await forwarded('/v1beta/batches/old', 'GET', done('batches/old'));
    expect(known.find('files/of-b')).toEqual({ owner: 'me', provider: 'oa' });
    expect(await known.find('files/of-old')).toBeNull();
    expect(await known.find('batches/old')).toBeNull();
    // Films are asked for as an operation, whose list is everybody's.
    const veo = (name: string) => ({ name: `models/veo/operations/${name}` });
    await forwarded('/v1beta/models/veo:predictLongRunning', 'POST', veo('o'));
    const operations = [veo('o'), veo('others')];
    expect(await forwarded('/v1beta/models/veo/operations', 'GET', { operations })).toEqual({
      operations: [veo('o')],
    });
    const film = (uri: string) => ({
      done: true,
      response: { generateVideoResponse: { generatedSamples: [{ video: { uri } }, null] } },
    });
    for (const name of ['o', 'old'])
      await forwarded(`/v1beta/models/veo/operations/${name}`, 'GET', {
        ...veo(name),
        ...film(`https://g/v1beta/files/film-${name}:download?alt=media`),
      });
    expect(known.find('files/film-o')).toEqual({ owner: 'me', provider: 'oa' });
    expect(await known.find('files/film-old')).toBeNull();
  });

  it('about what is below an object notes nothing: that is reached through the object', async () => {
    const params = { id: 'vs_1', item: 'file-old' };
    const { known, made } = await deliver(
      { params, method: 'POST' },
      { id: 'file-old', object: 'vector_store.file' },
    );
    expect(made).toContain('file-old');
    expect(await known.find('file-old')).toBeNull();
    const list = { object: 'list', data: [{ id: 'file-yours', object: 'vector_store.file' }] };
    expect((await deliver({ params: { id: 'vs_1' } }, list)).json).toEqual(list);
    const completed = { id: 'upload_1', object: 'upload', file: { id: 'file-up' } };
    const upload = await deliver({ params: { id: 'upload_1' }, method: 'POST' }, completed);
    expect(upload.known.find('file-up')).toEqual({ owner: 'me', provider: 'oa' });
  });

  it('that is none goes on as it is', async () => {
    expect((await deliver({ method: 'DELETE' }, '')).made).toBe('');
    expect((await deliver({ method: 'POST' }, '[1]')).made).toBe('[1]');
  });
});
