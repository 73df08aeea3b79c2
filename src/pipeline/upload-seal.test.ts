// Google's uploads in several steps went past the gateway, so that files of several callers could not be told apart: they were refused.
import { expect, test } from 'vitest';
import { fakeCall } from '../../tests/kit/fake-call.ts';
import type { Call, RequestHead } from '../contracts/call.ts';
import { HeaderBag } from '../contracts/headers.ts';
import { principalOf } from '../governance/principal.ts';
import { createObjectBook, NO_RECORDS } from '../objects/book.ts';
import { createOwn } from './own.ts';
import { createUploadSeal } from './upload-seal.ts';

const START = { 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'start' };
const THERE = 'https://google.example/upload/v1beta/files?upload_id=AB-c&upload_protocol=resumable';
let wall = 1_000;
const seal = createUploadSeal(
  () => 'secret',
  () => wall,
);

interface Asked {
  path?: string;
  headers?: Record<string, string>;
  query?: string;
  alone?: boolean;
  tlsPort?: number;
  base?: string;
}

function through({
  path = '/passthrough/ge/x',
  headers = {},
  query = '',
  alone = false,
  tlsPort,
  base = 'https://google.example/v1beta',
}: Asked) {
  const { call, sink } = fakeCall('gemini', {}, [], { host: 'gate.example:8443', ...headers }, 'passthrough');
  const listeners = tlsPort === undefined ? [] : [{ port: tlsPort, tls: {} }];
  const config = {
    ...call.snapshot.config,
    providers: [{ name: 'ge', baseUrl: base }],
    server: { listeners },
  };
  Object.assign(call, {
    head: { ...call.head, path, query },
    params: { provider: 'ge', rest: '/upload/v1beta/files' },
    principal: principalOf({ id: 'me', name: 'me' }),
    snapshot: { ...call.snapshot, config },
  });
  const own = createOwn(
    { book: createObjectBook(NO_RECORDS), turns: { get: () => null }, alone: () => alone },
    seal,
  );
  return { call, sink, result: own(call) };
}

function addressOf(asked: Asked = {}, there = THERE): string | undefined {
  const { call, sink } = through({
    ...asked,
    headers: { ...START, 'x-goog-api-key': 'hg-mine', ...asked.headers },
  });
  call.sink.start(200, [
    ['content-type', 'text/plain'],
    ['x-goog-upload-url', there],
  ]);
  return sink.headers['x-goog-upload-url'];
}

const PLACE = { provider: 'ge', rest: '/upload/v1beta/files' };
const headOf = (address: string, headers: Record<string, string> = {}): RequestHead => {
  const bag = new HeaderBag();
  for (const [name, value] of Object.entries(headers)) bag.add(name, value);
  const { pathname, search } = new URL(address);
  return { method: 'POST', path: pathname, query: search.slice(1), headers: bag };
};

test('an upload goes on here, by an address that holds who began it', async () => {
  const address = addressOf()!;
  const { origin, pathname, searchParams } = new URL(address);
  expect([origin, pathname]).toEqual(['http://gate.example:8443', '/passthrough/ge/upload/v1beta/files']);
  expect(searchParams.get('upload_id')).toBe('AB-c');
  expect(address).not.toContain('hg-mine');
  // No key: Google's SDK for Python sends none there.
  const head = seal.redeem(headOf(address), PLACE);
  expect(head.headers.get('x-goog-api-key')).toBe('hg-mine');
  expect(await through({ query: head.query }).result).toBe('continue');
});

test('it holds the key of who shows one in the address alone', () => {
  const { call, sink } = through({ headers: START, query: 'key=hg-mine' });
  call.sink.start(200, [['x-goog-upload-url', THERE]]);
  const head = seal.redeem(headOf(sink.headers['x-goog-upload-url']!), PLACE);
  expect(head.headers.get('x-goog-api-key')).toBe('hg-mine');
});

test('what is begun as Google’s older SDKs do goes on here too', () => {
  const { call, sink } = through({
    headers: { 'x-goog-api-key': 'hg-mine' },
    query: 'alt=json&uploadType=resumable',
  });
  call.sink.start(200, [['location', THERE]]);
  const head = seal.redeem(headOf(sink.headers['location']!), PLACE);
  expect(head.headers.get('x-goog-api-key')).toBe('hg-mine');
});

test('what was begun at the gate’s root goes on below the name of its provider', () => {
  const { pathname } = new URL(addressOf({ path: '/genai/upload/v1beta/files' })!);
  expect(pathname).toBe('/ge/upload/v1beta/files');
});

test('at the address of who began it a key that is sent as well counts', () => {
  const head = seal.redeem(headOf(addressOf()!, { 'x-goog-api-key': 'hg-yours' }), PLACE);
  expect(head.headers.get('x-goog-api-key')).toBe('hg-yours');
});

test.each<[string, (address: URL) => void]>([
  ['another upload', ({ searchParams }) => searchParams.set('upload_id', 'other')],
  ['two of them', ({ searchParams }) => searchParams.append('upload_id', 'other')],
  [
    'another behind none',
    (address) => void Object.assign(address, { search: '?upload_id=&upload_id=other' }),
  ],
  ['another in disguise', (address) => void Object.assign(address, { search: '?upload%5Fid=other' })],
  ['no seal', ({ searchParams }) => searchParams.delete('key')],
  [
    'a seal that was changed',
    ({ searchParams }) => searchParams.set('key', `${searchParams.get('key')!.slice(0, -3)}AAA`),
  ],
  ['something else', ({ searchParams }) => searchParams.set('key', 'hgu_')],
])('%s goes on for nobody', async (_what, change) => {
  const address = new URL(addressOf()!);
  change(address);
  const query = address.search.slice(1);
  expect(await through({ query }).result).toMatchObject({ code: 'GW_CLIENT_OBJECT_NOT_FOUND' });
  expect(seal.redeem(headOf(address.href), PLACE).headers.get('x-goog-api-key')).toBeUndefined();
});

test('nor does it at another provider, later, or where another secret is', () => {
  const head = headOf(addressOf()!);
  const redeemed = (by = seal, place = {}) =>
    by.redeem(head, { ...PLACE, ...place }).headers.get('x-goog-api-key');
  expect(redeemed()).toBe('hg-mine');
  expect(redeemed(seal, { provider: 'other' })).toBeUndefined();
  // Nor is it a key for anything else there: it may be in the hands of who is only to send the bytes.
  for (const rest of ['/v1beta/files', '/v1beta/models/m:generateContent', '/upload/v1beta/files/'])
    expect(redeemed(seal, { rest })).toBeUndefined();
  const foreign = createUploadSeal(
    () => 'other',
    () => wall,
  );
  expect(redeemed(foreign)).toBeUndefined();
  wall += 49 * 3_600_000;
  expect(redeemed()).toBeUndefined();
});

test('its address is as its client reaches the gateway', () => {
  expect(addressOf({ tlsPort: 8443 })).toMatch(/^https:\/\/gate\.example:8443\//);
  expect(addressOf({ tlsPort: 9 })).toMatch(/^http:/);
  expect(addressOf({ headers: { 'x-forwarded-proto': 'https, http' } })).toMatch(/^https:/);
});

test('an address that could not go on here is kept from its client', () => {
  expect(addressOf({}, 'https://elsewhere.example/upload?upload_id=1')).toBeUndefined();
  expect(addressOf({}, 'nowhere')).toBeUndefined();
});

test.each([
  'https://google.example/sessions/AB-c',
  'https://google.example/upload/v1beta/files?sid=1&key=theirs',
])('by whatever name an upload goes, it goes on here and is no other: %s', async (there) => {
  const address = new URL(addressOf({ path: '/upload/v1beta/files' }, there)!);
  const { pathname } = new URL(there);
  const front = pathname.startsWith('/upload/') ? '' : '/passthrough';
  expect(address.pathname).toBe(`${front}/ge${pathname}`);
  const place = { provider: 'ge', rest: pathname };
  expect(seal.isOurs(address.search.slice(1), place)).toBe(true);
  expect(seal.redeem(headOf(address.href), place).headers.get('x-goog-api-key')).toBe('hg-mine');
  address.searchParams.set('sid', '2');
  expect(seal.isOurs(address.search.slice(1), place)).toBe(false);
  expect(await through({ query: address.search.slice(1) }).result).toMatchObject({
    code: 'GW_CLIENT_OBJECT_NOT_FOUND',
  });
});

test('who is alone goes on where the provider says', () => {
  expect(addressOf({ alone: true })).toBe(THERE);
  expect(through({ alone: true, query: 'upload_id=x' }).result).toBe('continue');
});

test('what is put up in one step has no further address', () => {
  const { call, sink, result } = through({ headers: { 'x-goog-upload-protocol': 'multipart' } });
  expect(result).toBe('continue');
  expect((call as Call).sink).toBe(sink);
});

test('what a base URL has in front of the version is the provider’s, and stands in no address here', () => {
  const there = 'https://google.example/proxied/google/upload/v1beta/files?upload_id=1';
  const base = 'https://google.example/proxied/google/v1beta';
  const address = new URL(addressOf({ base }, there)!);
  expect(address.pathname).toBe('/passthrough/ge/upload/v1beta/files');
  expect(seal.isOurs(address.search.slice(1), PLACE)).toBe(true);
});
