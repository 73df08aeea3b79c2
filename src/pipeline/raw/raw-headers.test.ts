import { expect, it } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import { HeaderBag } from '../../contracts/headers.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { rawHeaders } from './raw-headers.ts';

function sent(
  pairs: Record<string, string>,
  which: 'all' | 'dialect',
  decoded = false,
): Record<string, string> {
  const { call } = fakeCall('anthropic', { model: 'm', messages: [] }, [
    fakeProvider('a', dialectByName('anthropic')),
  ]);
  const bag = new HeaderBag();
  for (const [name, value] of Object.entries(pairs)) bag.add(name, value);
  const target = call.plan!.targets[0]!;
  const shared = {
    'content-type': 'application/json',
    accept: 'application/json',
    authorization: 'Bearer ours',
  };
  const made = rawHeaders(shared, bag, target, which, decoded);
  expect(shared.accept).toBe('application/json');
  return made;
}

const CLIENT = {
  'content-type': 'x/y',
  accept: 'text/plain',
  authorization: 'Bearer theirs',
  'x-api-key': 'theirs',
  'api-key': 'theirs',
  'x-goog-api-key': 'theirs',
  cookie: 'a=b',
  host: 'here',
  connection: 'keep-alive, x-hop',
  'x-hop': '1',
  'content-length': '5',
  'transfer-encoding': 'chunked',
  'x-forwarded-for': '1.2.3.4',
  'x-http-method-override': 'GET',
  'x-headgate-strict': '1',
  'sec-fetch-mode': 'cors',
  'anthropic-beta': 'files',
  'x-vendor': 'v',
};

it('all go on but what is the connection’s, a credential or about the way here', () => {
  expect(sent(CLIENT, 'all')).toEqual({
    'content-type': 'x/y',
    accept: 'text/plain',
    authorization: 'Bearer ours',
    'anthropic-beta': 'files',
    'x-vendor': 'v',
  });
});

it('those of the dialect go on where no more is asked for', () => {
  expect(sent(CLIENT, 'dialect')).toEqual({
    'content-type': 'x/y',
    accept: 'text/plain',
    authorization: 'Bearer ours',
    'anthropic-beta': 'files',
  });
});

it('what cannot be sent is left out, and a coding that was undone', () => {
  expect(
    sent({ 'x-a': 'a\u0001', 'x-b': '日本', 'x-c': 'é', 'content-encoding': 'gzip' }, 'all'),
  ).toMatchObject({
    'x-c': 'é',
    'content-encoding': 'gzip',
  });
  const names = Object.keys(
    sent({ 'x-a': 'a\u0001', 'x-b': '日本', 'content-encoding': 'gzip' }, 'all', true),
  );
  expect(names).toEqual(['authorization']);
});

it('a client names the project that pays only where nobody else does', () => {
  const { call } = fakeCall('anthropic', { model: 'm', messages: [] }, [
    fakeProvider('a', dialectByName('anthropic')),
  ]);
  const bag = new HeaderBag();
  bag.add('x-goog-user-project', 'theirs');
  const target = call.plan!.targets[0]!;
  const made = (shared: Record<string, string>) => rawHeaders(shared, bag, target, 'all', false);
  expect(made({ 'x-goog-user-project': 'ours' })).toEqual({ 'x-goog-user-project': 'ours' });
  expect(made({})).toEqual({ 'x-goog-user-project': 'theirs' });
});
