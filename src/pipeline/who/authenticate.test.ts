import { describe, expect, test } from 'vitest';
import { fakeCall } from '../../../tests/kit/fake-call.ts';
import type { Call } from '../../contracts/call.ts';
import type { ClientKey } from '../../contracts/directory.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';
import { authenticate, mayScrape } from './authenticate.ts';
import { directoryOf } from './directory.ts';

const keys = [
  { name: 'team-a', value: 'key-of-team-a' },
  { name: 'team-b', value: 'key-of-team-b' },
];

interface Known {
  keys?: readonly ClientKey[];
  metricsKey?: string;
  anonymous?: boolean;
}

function callWith(headers: Record<string, string>, known: Known = {}): Call {
  const directory = directoryOf(known.keys ?? keys);
  const scrapers =
    known.metricsKey === undefined ? null : directoryOf([{ name: 'metrics', value: known.metricsKey }]);
  const { call } = fakeCall('openai-chat', {}, [], headers);
  const snapshot = {
    config: { auth: { anonymous: known.anonymous ?? false } },
    identify: (credential: string) => directory.find(credential),
    identifyScraper: scrapers === null ? null : (credential: string) => scrapers.find(credential),
  };
  (call as { snapshot: Snapshot }).snapshot = snapshot as unknown as Snapshot;
  return call;
}

function asking(query: string, headers: Record<string, string> = {}): Call {
  const call = callWith(headers);
  // A head never changes but in the hands of who makes it.
  (call.head as { query: string }).query = query;
  return call;
}

describe('a caller', () => {
  test.each([
    ['authorization', 'Bearer key-of-team-a'],
    ['authorization', 'bearer  key-of-team-a '],
    ['x-api-key', 'key-of-team-a'],
    ['api-key', 'key-of-team-a'],
    ['x-goog-api-key', 'key-of-team-a'],
  ])('is known by its key in %s: %s', (header, value) => {
    const call = callWith({ [header]: value });
    expect(authenticate(call)).toBe('continue');
    expect(call.principal?.name).toBe('team-a');
  });

  test.each(['key=key-of-team-a', 'alt=sse&key=key-of-team-a', 'key=key%2Dof-team-a&key=other'])(
    'is known by its key in the query: %s',
    (query) => {
      const call = asking(query, { 'x-goog-api-key': 'another' });
      expect(authenticate(call)).toBe('continue');
      expect(call.principal?.name).toBe('team-a');
    },
  );

  test('is not known by anything else in the query', () => {
    for (const [query, said] of [
      ['apikey=key-of-team-a&keys=key-of-team-a', 'No API key was given'],
      ['key=key-of-nobody', 'not known'],
    ] as const)
      expect(authenticate(asking(query))).toMatchObject({ publicMessage: expect.stringContaining(said) });
  });

  test('whose SDK sends a default of its own beside our key is known by ours', () => {
    const call = callWith({ authorization: 'Bearer sk-default-of-the-sdk', 'x-api-key': 'key-of-team-b' });
    expect(authenticate(call)).toBe('continue');
    expect(call.principal?.name).toBe('team-b');
  });

  test.each<[string, Record<string, string>, string]>([
    ['nothing', {}, 'No API key was given'],
    ['an empty key', { 'x-api-key': '' }, 'No API key was given'],
    ['another scheme', { authorization: 'Basic a2V5LW9mLXRlYW0tYQ==' }, 'No API key was given'],
    ['an unknown key', { authorization: 'Bearer key-of-nobody' }, 'not known to this gateway'],
    ['the beginning of a key', { 'x-api-key': 'key-of-team' }, 'not known to this gateway'],
  ])('with %s is refused, and told which it was', (_, headers, message) => {
    const result = authenticate(callWith(headers));
    expect(result).toBeInstanceOf(GatewayError);
    expect(result).toMatchObject({ code: 'GW_CLIENT_AUTH', publicMessage: expect.stringContaining(message) });
  });

  test.each<[string, Record<string, string>, string]>([
    ['no key', {}, 'anonymous'],
    ['the default key of its SDK', { authorization: 'Bearer sk-default-of-the-sdk' }, 'anonymous'],
    ['a key', { 'x-api-key': 'key-of-team-a' }, 'team-a'],
  ])('with %s is served where everybody is', (_, headers, name) => {
    const call = callWith(headers, { anonymous: true });
    expect(authenticate(call)).toBe('continue');
    expect(call.principal?.name).toBe(name);
  });

  test('is refused where keys are needed and the last one was taken away', () => {
    expect(authenticate(callWith({ 'x-api-key': 'key-of-team-a' }, { keys: [] }))).toMatchObject({
      code: 'GW_CLIENT_AUTH',
    });
  });
});

describe('a scrape of the metrics', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  test.each<[Record<string, string>, boolean]>([
    [{ authorization: 'Bearer key-of-metrics' }, true],
    [{ authorization: basic('prometheus:key-of-metrics') }, true],
    [{ authorization: basic('key-of-metrics:other') }, false],
    [{ authorization: 'Bearer key-of-team-a' }, false],
    [{ 'x-api-key': 'key-of-metrics' }, false],
    [{}, false],
  ])('with %j may: %s', (headers, may) => {
    expect(mayScrape(callWith(headers, { metricsKey: 'key-of-metrics' }))).toBe(may);
  });

  test('is open where no key is set', () => {
    expect(mayScrape(callWith({}))).toBe(true);
  });
});
