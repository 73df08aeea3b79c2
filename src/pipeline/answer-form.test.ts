import { describe, expect, test } from 'vitest';
import type { OperationName } from '../contracts/operation.ts';
import { HeaderBag } from '../contracts/headers.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import { fakeCall } from '../../tests/kit/fake-call.ts';
import { isUnmasked, queryOf, refusedForm } from './answer-form.ts';

interface Asked {
  dialect?: DialectName;
  operation?: OperationName;
  headers?: Readonly<Record<string, string>>;
}

function call(
  method: string,
  rest: string,
  query: string,
  { dialect = 'gemini', operation = 'passthrough', headers = {} }: Asked = {},
) {
  const { call: made } = fakeCall(dialect, {}, [], {}, operation);
  const bag = new HeaderBag();
  for (const [name, value] of Object.entries(headers)) bag.add(name, value);
  const head = { ...made.head, method, query, headers: bag };
  return Object.assign(made, { head, params: { provider: 'p', rest } });
}

/** Whose answers say whose something is, or what was used. */
const READ = [
  ['GET', '/v1beta/files'],
  ['GET', '/v1beta/batches/b'],
  ['GET', '/v1beta/models/veo/operations/o'],
  ['POST', '/upload/v1beta/files'],
  ['PUT', '/upload/v1beta/files'],
  ['POST', '/v1beta/cachedContents'],
  ['POST', '/v1beta/models/m:batchGenerateContent'],
  ['POST', '/v1beta/models/veo%3ApredictLongRunning'],
  ['POST', '/v1beta/interactions'],
] as const;

describe.each(READ)('%s %s', (method, rest) => {
  test.each([
    ['fields=files(uri)', ''],
    ['%24fields=name&pageSize=3', '?pageSize=3'],
    ['pageSize=3&f%69elds=uri&%66ields=a', '?pageSize=3'],
    ['$.xgafv=2&$fields=uri&prettyPrint=false', '?$.xgafv=2'],
    ['readMask=displayName&read_mask=x', ''],
    ['%24httpHeaders=X-Goog-FieldMask:uri', ''],
    ['alt=json&key=k', '?alt=json'],
    ['', ''],
  ])('is answered whole, whatever `%s` asks', (query, left) => {
    expect(queryOf(call(method, rest, query))).toBe(left);
  });

  test('nor does a header say what is shown', () => {
    const headers = { 'x-goog-fieldmask': 'uri' };
    expect(isUnmasked(call(method, rest, '', { headers }))).toBe(true);
    expect(isUnmasked(call(method, rest, '', {}))).toBe(false);
  });
});

test.each([
  ['GET', '/v1beta/files/f', {}],
  ['GET', '/v1beta/files/f:download', {}],
  ['POST', '/v1beta/models/m:generateContent', {}],
  ['DELETE', '/v1beta/files/f', {}],
  ['GET', '/v1/files', { dialect: 'openai-chat' }],
  ['POST', '/v1/files', { dialect: 'openai-chat' }],
] as const)('%s %s is asked as its client asks (%o)', (method, rest, asked) => {
  const headers = { 'x-goog-fieldmask': 'uri', accept: 'application/x-protobuf' };
  const made = call(method, rest, 'fields=uri&alt=proto&key=k', { ...asked, headers });
  expect(queryOf(made)).toBe('?fields=uri&alt=proto');
  expect([isUnmasked(made), refusedForm(made)]).toEqual([false, null]);
});

test.each([
  ['GET', '/v1beta/files'],
  ['POST', '/v1beta/files'],
  ['DELETE', '/v1beta/files'],
  ['POST', '/v1beta/models/m:generateContent'],
])('the query of %s %s says no other method, header or type of its body', (method, rest) => {
  const said = ['$httpMethod=GET', '%24httpMethod=GET', '$httpHeaders=a:b', '$c%74=application/x-protobuf'];
  expect(queryOf(call(method, rest, ['a=b', ...said].join('&')))).toBe('?a=b');
  expect(queryOf(call(method, rest, '$ct=x', { dialect: 'openai-chat' }))).toBe('?$ct=x');
});

describe('another form than JSON', () => {
  test.each([
    ['alt=proto', 'alt'],
    ['%24alt=proto', 'alt'],
    ['pageSize=1&a%6ct=PROTO', 'alt'],
    ['alt=media', 'alt'],
    ['alt=json&alt=proto', 'alt'],
    ['callback=f', 'callback'],
  ])('%s', (query, param) => {
    for (const [method, rest] of READ) {
      const refused = refusedForm(call(method, rest, query));
      // What a list holds is looked at when it comes.
      if (rest === '/v1beta/files' && method === 'GET') expect(refused).toBeNull();
      else expect(refused).toMatchObject({ code: 'GW_CLIENT_UNSUPPORTED', param });
    }
  });

  test('a stream of what is one object', () => {
    for (const [method, rest] of READ) {
      const refused = refusedForm(call(method, rest, '%24alt=sse'));
      // A turn is told so, and a list is looked at when it comes.
      if (rest === '/v1beta/interactions' || (rest === '/v1beta/files' && method === 'GET'))
        expect(refused).toBeNull();
      else expect(refused).toMatchObject({ code: 'GW_CLIENT_UNSUPPORTED', param: 'alt' });
    }
  });

  test('by what is accepted', () => {
    const accept = (type: string) =>
      refusedForm(call('POST', '/v1beta/cachedContents', '', { headers: { accept: type } }));
    expect(accept('application/x-protobuf')).toMatchObject({ param: 'accept' });
    expect([accept('application/json'), accept('*/*')]).toEqual([null, null]);
  });

  test.each(['alt=json', 'alt=', '$alt=json;enum-encoding=int', 'alt=json%3Benum-encoding%3Dint'])(
    '%s is none',
    (query) => {
      for (const [method, rest] of READ) expect(refusedForm(call(method, rest, query))).toBeNull();
    },
  );
});

test('an interaction is told whole: what it used stands in it', () => {
  const asked = { operation: 'interaction' } as const;
  expect(refusedForm(call('POST', '', 'alt=sse', asked))).toBeNull();
  expect(queryOf(call('POST', '', 'fields=id&alt=sse', asked))).toBe('?alt=sse');
  expect(refusedForm(call('POST', '', 'alt=proto', asked))).toMatchObject({ param: 'alt' });
});
