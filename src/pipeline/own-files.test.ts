import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { inspectBody } from '../body/inspect.ts';
import type { BodyReader } from '../contracts/body-source.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import { createPrincipalMaker, principalOf } from '../governance/principal.ts';
import { createObjectBook, NO_RECORDS } from '../objects/book.ts';
import { dialectByName } from '../registry/dialects.ts';
import { operations } from '../registry/operations.ts';
import { WholeSource } from './whole-upload.ts';
import { decodeBody } from '../body/decompress.ts';
import { createOwnFiles } from './own-files.ts';

const NOT_FOUND = { code: 'GW_CLIENT_OBJECT_NOT_FOUND', status: 404 };
const provider = fakeProvider('p', dialectByName('openai-chat'));

async function ask(body: string, alone = false) {
  const book = createObjectBook(NO_RECORDS);
  book.note('file-mine', { owner: 'me', provider: 'p' });
  book.note('file-yours', { owner: 'you', provider: 'p' });
  const { call } = fakeCall('openai-chat', {}, [provider]);
  call.principal = principalOf({ id: 'me', name: 'me' });
  call.body = Buffer.from(body);
  call.facts = inspectBody(call.body);
  return await createOwnFiles({ book, turns: { get: () => null }, alone: () => alone }, decodeBody)(call);
}

const asked = (id: unknown): string[] =>
  [
    // Chat, Responses, Messages, and a container of the code interpreter's.
    { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: id } }] }] },
    { input: [{ role: 'user', content: [{ type: 'input_file', file_id: id }] }] },
    { messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: id } }] }] },
    {
      input: 'x',
      tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['file-mine', id] } }],
    },
  ].map((body) => JSON.stringify(body, null, 1));

test.each(asked('file-yours'))('another’s file is not there: %s', async (body) => {
  expect(await ask(body)).toMatchObject(NOT_FOUND);
  expect(await ask(body, true)).toBe('continue');
});

test.each([...asked('file-mine'), ...asked('file-of-nobody'), ...asked(null)])(
  'others go on: %s',
  async (body) => {
    expect(await ask(body)).toBe('continue');
  },
);

test('names and ids are read through what disguises them', async () => {
  expect(await ask('{"a":{"file\\u005fid":"file-yours"}}')).toMatchObject(NOT_FOUND);
  expect(await ask('{"a":{"file_id":"file\\u002dyours"}}')).toMatchObject(NOT_FOUND);
  expect(await ask('{"a":{"file_ids":["x","file\\u002dyours"]}}')).toMatchObject(NOT_FOUND);
  expect(await ask('{"a":"\\u0041 file_id"}')).toBe('continue');
});

test('what only speaks of files refers to none', async () => {
  const text = JSON.stringify({ messages: [{ role: 'user', content: '{"file_id":"file-yours"}' }] });
  expect(await ask(text)).toBe('continue');
  const schema = JSON.stringify({ tools: [{ parameters: { properties: { file_id: { type: 'string' } } } }] });
  expect(await ask(schema)).toBe('continue');
});

test.each<[DialectName, object]>([
  ['gemini', { contents: [{ parts: [{ fileData: { fileUri: 'https://g.example/v1beta/files/yours' } }] }] }],
  ['gemini', { contents: [{ parts: [{ file_data: { file_uri: 'files/yours' } }] }] }],
  ['gemini', { cachedContent: 'cachedContents/yours', contents: [] }],
  ['openai-responses', { input: 'x', tools: [{ type: 'file_search', vector_store_ids: ['vs_yours'] }] }],
  ['openai-responses', { input: 'x', tools: [{ type: 'code_interpreter', container: 'cntr_yours' }] }],
  ['anthropic', { messages: [], container: 'container_yours' }],
  ['anthropic', { messages: [], container: { id: 'container_yours', skills: [] } }],
  ['anthropic', { messages: [], container: { skills: [{ type: 'custom' }], id: 'container_yours' } }],
])('whatever else a request refers to is its caller’s: %s %j', async (dialect, request) => {
  const about = async (body: string) => {
    const book = createObjectBook(NO_RECORDS);
    for (const id of ['files/yours', 'cachedContents/yours', 'vs_yours', 'cntr_yours', 'container_yours'])
      book.note(id, { owner: 'you', provider: 'p' });
    const { call } = fakeCall(dialect, {}, [provider]);
    call.principal = principalOf({ id: 'me', name: 'me' });
    call.body = Buffer.from(body);
    call.facts = inspectBody(call.body);
    return await createOwnFiles({ book, turns: { get: () => null }, alone: () => false }, decodeBody)(call);
  };
  const text = JSON.stringify(request);
  expect(await about(text)).toMatchObject(NOT_FOUND);
  expect(await about(text.replace('yours', '\\u0079ours'))).toMatchObject(NOT_FOUND);
  // As PHP writes slashes.
  expect(await about(text.replaceAll('/', '\\/'))).toMatchObject(NOT_FOUND);
  expect(await about(text.replaceAll('yours', 'old'))).toBe('continue');
});

test('a short body that is forwarded by a provider’s own path is looked at as a long one is', async () => {
  const about = async (request: object, unknown = 'refuse') => {
    const book = createObjectBook(NO_RECORDS);
    book.note('resp_yours', { owner: 'you', provider: 'p' });
    book.note('batches/yours', { owner: 'you', provider: 'p' });
    const { call } = fakeCall('openai-chat', {}, [provider]);
    const config = { ...call.snapshot.config, responses: { unknown } };
    const snapshot = { ...call.snapshot, config };
    const principal = principalOf({ id: 'me', name: 'me' });
    Object.assign(call, { operation: operations.passthrough, snapshot, principal, facts: null });
    call.body = Buffer.from(JSON.stringify(request));
    return await createOwnFiles({ book, turns: { get: () => null }, alone: () => false }, decodeBody)(call);
  };
  for (const names of [
    { input_files: ['batches/yours'] },
    { training_files: [{ file_id: 'batches/yours', weight: 1 }] },
    { validation_files: ['x', 'batches/yours'] },
    { handoffs: ['batches/yours'] },
  ])
    expect(await about(names)).toMatchObject(NOT_FOUND);
  expect(await about({ previous_response_id: 'resp_yours' })).toMatchObject(NOT_FOUND);
  expect(await about({ previous_response_id: 'resp_old' })).toMatchObject(NOT_FOUND);
  expect(await about({ previous_response_id: 'resp_old' }, 'pass')).toBe('continue');
  expect(await about({ inputConfig: { file_name: 'https://g/v1beta/batches/yours' } })).toMatchObject(
    NOT_FOUND,
  );
  expect(await about({ input: 'resp_yours' })).toBe('continue');
});

test('what has no body is no form, whatever it says of itself', async () => {
  const { call } = fakeCall('openai-chat', {}, [provider], { 'content-type': 'multipart/form-data' });
  const principal = principalOf({ id: 'me', name: 'me' });
  const stage = createOwnFiles(
    { book: createObjectBook(NO_RECORDS), turns: { get: () => null }, alone: () => false },
    decodeBody,
  );
  const about = (body: Buffer | null) =>
    stage(Object.assign(call, { operation: operations.passthrough, principal, facts: null, body }));
  expect([await about(null), await about(Buffer.alloc(0))]).toEqual(['continue', 'continue']);
  expect(await about(Buffer.from('--x--'))).toMatchObject({ code: 'GW_CLIENT_MEDIA_TYPE' });
});

test('what Google’s clients write in bytes that nobody here reads goes nowhere, but for files', async () => {
  const stage = (alone: boolean) =>
    createOwnFiles(
      { book: createObjectBook(NO_RECORDS), turns: { get: () => null }, alone: () => alone },
      decodeBody,
    );
  const about = (
    rest: string,
    dialect: DialectName = 'gemini',
    alone = false,
    type = 'application/x-protobuf',
  ) => {
    const { call } = fakeCall(dialect, {}, [provider], { 'content-type': type });
    const params = { provider: 'p', rest };
    const principal = principalOf({ id: 'me', name: 'me' });
    const body = Buffer.from('x');
    return stage(alone)(
      Object.assign(call, { operation: operations.passthrough, principal, params, facts: null, body }),
    );
  };
  expect(await about('/v1beta/cachedContents')).toMatchObject({ code: 'GW_CLIENT_MEDIA_TYPE', status: 415 });
  expect(await about('/upload/v1beta/files')).toBe('continue');
  expect(await about('/v1beta/cachedContents', 'gemini', true)).toBe('continue');
  expect(await about('/v1/things', 'openai-chat')).toBe('continue');
  // Nor many requests in one, or a method of a service by its name, whatever they are written in.
  for (const path of [
    '/batch',
    '/batch/generativelanguage/v1beta',
    '/%24rpc/google.ai.FileService/ListFiles',
  ]) {
    expect(await about(path, 'gemini', false, 'application/json')).toMatchObject({ status: 415 });
    expect(await about(path, 'openai-chat', false, 'application/json')).toBe('continue');
  }
  expect(await about('/v1beta/batches/b:cancel', 'gemini', false, 'application/json')).toBe('continue');
});

test('another’s number is known in any spelling', async () => {
  const number = '497f6eca-6276-4993-bfeb-53cbbbba6f09';
  const book = createObjectBook(NO_RECORDS);
  book.note(number, { owner: 'you', provider: 'p' });
  const stage = createOwnFiles({ book, turns: { get: () => null }, alone: () => false }, decodeBody);
  for (const spelled of [number, number.toUpperCase(), number.replaceAll('-', ''), `{${number}}`]) {
    const { call } = fakeCall('openai-chat', {}, [provider]);
    const body = Buffer.from(JSON.stringify({ document: { file_id: spelled }, voice: spelled }));
    Object.assign(call, { principal: principalOf({ id: 'me', name: 'me' }), body, facts: inspectBody(body) });
    expect(await stage(call)).toMatchObject(NOT_FOUND);
  }
});

describe('a compressed body that is forwarded', () => {
  const about = async (bytes: Buffer, encoding: string, how: 'body' | 'upload', maxBodyBytes = 1_000) => {
    const book = createObjectBook(NO_RECORDS);
    book.note('file-yours', { owner: 'you', provider: 'p' });
    const { call } = fakeCall('openai-chat', {}, [provider], { 'content-encoding': encoding });
    const config = { ...call.snapshot.config, server: { maxBodyBytes }, responses: { unknown: 'refuse' } };
    const snapshot = { ...call.snapshot, config };
    const principal = principalOf({ id: 'me', name: 'me' });
    const upload = how === 'upload' ? new WholeSource(bytes, '', bytes.length) : null;
    const body = how === 'body' ? bytes : null;
    Object.assign(call, {
      operation: operations.passthrough,
      snapshot,
      principal,
      facts: null,
      body,
      upload,
    });
    const deps = { book, turns: { get: () => null }, alone: () => false };
    const result = await createOwnFiles(deps, decodeBody)(call);
    const failed = Promise.withResolvers<unknown>();
    let sent = '';
    call.upload?.pull({
      data(piece) {
        sent += piece.toString();
        return true;
      },
      end: () => failed.resolve(null),
      failed: (error) => failed.resolve(error),
    });
    return { call, result, refused: call.upload === null ? null : await failed.promise, sent: () => sent };
  };
  const mine = Buffer.from('{"file_id":"file-mine"}');
  const yours = Buffer.from('{"file_id":"file-yours"}');

  test.each(['body', 'upload'] as const)(
    'is looked into, and goes on without its coding: %s',
    async (how) => {
      const { call, result, sent } = await about(gzipSync(mine), 'gzip', how);
      expect(result).toBe('continue');
      expect(sent()).toBe(mine.toString());
      expect([call.body, call.upload!.decoded]).toEqual([null, true]);
      const other = await about(gzipSync(yours), 'gzip', how);
      expect(other.refused).toMatchObject(NOT_FOUND);
      expect(other.sent()).toBe('');
    },
  );

  test.each(['body', 'upload'] as const)('is refused where it cannot be: %s', async (how) => {
    await expect(about(mine, 'gzip', how)).rejects.toMatchObject({ status: 400 });
    await expect(about(mine, 'rot13', how)).rejects.toMatchObject({ status: 415 });
    await expect(about(gzipSync(Buffer.alloc(5_000)), 'gzip', how)).rejects.toMatchObject({ status: 413 });
  });

  test('is refused where it is too large as it comes', async () => {
    await expect(about(randomBytes(2_000), 'gzip', 'upload')).rejects.toMatchObject({ status: 413 });
  });
});

describe.each([true, false])('of a key that may use few models, alone: %s', (alone) => {
  async function put(operation: 'file' | 'message-batch', body: string, pieces = 7, headers = {}) {
    const { call } = fakeCall('anthropic', {}, [provider], headers, operation);
    call.principal = createPrincipalMaker()({ id: 'me', name: 'me', grants: [{ models: ['claude-a'] }] });
    Object.assign(call.head, { method: 'POST' });
    call.body = null;
    call.upload = new Pieces(Buffer.from(body), pieces);
    const book = createObjectBook(NO_RECORDS);
    expect(
      await createOwnFiles({ book, turns: { get: () => null }, alone: () => alone }, decodeBody)(call),
    ).toBe('continue');
    const got: string[] = [];
    const ended = new Promise<unknown>((resolve) => {
      call.upload!.pull({
        data: (piece) => got.push(piece.toString()) > 0,
        end: () => resolve('ended'),
        failed: resolve,
      });
    });
    return { call, ended: await ended, got: got.join('') };
  }
  const batch = (...models: string[]) =>
    JSON.stringify({
      requests: models.map((model) => ({ custom_id: 'x', params: { model, max_tokens: 1 } })),
    });

  test('a batch of them goes on, byte by byte', async () => {
    const body = batch('claude-a', 'claude-a');
    expect(await put('message-batch', body)).toMatchObject({ ended: 'ended', got: body });
  });

  test.each([1, 7, 10_000])(
    'a batch with another never is whole at its provider: pieces of %i',
    async (size) => {
      const body = batch('claude-a', 'claude-b');
      const { ended, got } = await put('message-batch', body, size);
      expect(ended).toMatchObject({ code: 'GW_CLIENT_MODEL_FORBIDDEN', param: 'requests' });
      expect(got.length).toBeLessThan(body.length);
    },
  );

  test('what its file names is known when it is there', async () => {
    const line = (model: string) => `${JSON.stringify({ custom_id: 'x', body: { model } })}\n`;
    const { call, ended, got } = await put('file', line('claude-a') + line('gpt-x'));
    expect([ended, got]).toEqual(['ended', line('claude-a') + line('gpt-x')]);
    expect(call.namedModels?.models).toEqual(['claude-a', 'gpt-x']);
  });

  test('a short body is read as a long one is', async () => {
    const { call } = fakeCall('anthropic', {}, [provider], {}, 'message-batch');
    call.principal = createPrincipalMaker()({ id: 'me', name: 'me', grants: [{ models: ['claude-a'] }] });
    Object.assign(call.head, { method: 'POST' });
    call.body = Buffer.from(batch('claude-a', 'claude-b'));
    const book = createObjectBook(NO_RECORDS);
    const stage = createOwnFiles({ book, turns: { get: () => null }, alone: () => alone }, decodeBody);
    expect(await stage(call)).toBe('continue');
    expect([call.namedModels?.models, call.upload]).toEqual([['claude-a', 'claude-b'], null]);
  });

  test('what is compressed is not looked into, unless its coding has to be undone', async () => {
    const body = gzipSync(batch('claude-a'));
    const { call } = fakeCall('anthropic', {}, [provider], { 'content-encoding': 'gzip' }, 'message-batch');
    call.principal = createPrincipalMaker()({ id: 'me', name: 'me', grants: [{ models: ['claude-a'] }] });
    Object.assign(call.head, { method: 'POST' });
    call.body = null;
    call.upload = new Pieces(body, 7);
    const book = createObjectBook(NO_RECORDS);
    const stage = createOwnFiles({ book, turns: { get: () => null }, alone: () => alone }, decodeBody);
    expect(await stage(call)).toBe('continue');
    expect(call.namedModels === null).toBe(alone);
  });
});

/** A body that comes in pieces. */
class Pieces extends WholeSource {
  readonly #bytes: Buffer;
  readonly #size: number;

  constructor(bytes: Buffer, size: number) {
    super(bytes, '', bytes.length);
    this.#bytes = bytes;
    this.#size = size;
  }

  override pull(reader: BodyReader): void {
    for (let at = 0; at < this.#bytes.length; at += this.#size)
      reader.data(this.#bytes.subarray(at, at + this.#size));
    reader.end();
  }
}
