import { describe, expect, test } from 'vitest';
import type { Peer } from '../../contracts/call.ts';
import { MAX_HEADER_BYTES } from '../exchange/loader.ts';
import { headOf, type NodeRequest } from './node-head.ts';

const peer = {} as Peer; // nothing here looks at it
const arrived = (url: string, rawHeaders: readonly string[], httpVersion = '1.1') =>
  headOf(
    { method: 'GET', url, rawHeaders, httpVersion, httpVersionMajor: Number(httpVersion[0]) } as NodeRequest,
    peer,
  );

describe('whom a request is for', () => {
  test.each([
    ['one', ['Host', 'gate.example:8080'], '1.1', ''],
    ['an address', ['Host', '[::1]:80'], '1.1', ''],
    ['none', [], '1.1', 'host is missing'],
    ['none, by a client of HTTP/1.0', [], '1.0', ''],
    ['two', ['Host', 'a', 'host', 'b'], '1.1', 'host is given twice'],
    ['the same twice', ['Host', 'a', 'host', 'a'], '1.0', 'host is given twice'],
    ['an empty one', ['Host', ''], '1.1', 'host is not a host name'],
    ['a path', ['Host', 'a/b'], '1.1', 'host is not a host name'],
    ['with a user', ['Host', 'me@a'], '1.1', 'host is not a host name'],
    ['of HTTP/2', [':authority', 'a'], '2.0', ''],
    ['of HTTP/2, none', [], '2.0', ''],
  ] as const)('%s', (_name, headers, version, fault) => {
    expect(arrived('/livez', headers, version).fault).toBe(fault);
  });
});

describe('a target in absolute form', () => {
  test.each([
    ['http://other.example/v1/models?limit=2', 'other.example', '/v1/models', 'limit=2', ''],
    ['HTTPS://[::1]:8443/livez', '[::1]:8443', '/livez', '', ''],
    ['http://other.example', 'other.example', '/', '', ''],
    ['http://other.example?a=b', 'other.example', '/', 'a=b', ''],
    [
      'http://me:secret@other.example/livez',
      'me:secret@other.example',
      '/livez',
      '',
      'the target has no host name',
    ],
    ['http:///livez', '', '/livez', '', 'the target has no host name'],
  ])('%s is read as if its host and path had been said apart', (url, host, path, query, fault) => {
    const head = arrived(url, ['Host', 'x']);
    expect([head.headers.get('host'), head.path, head.query, head.fault]).toEqual([host, path, query, fault]);
  });

  test('another scheme, or one in a path, is left to the routes', () => {
    expect(arrived('ftp://x/livez', ['Host', 'x']).path).toBe('ftp://x/livez');
    expect(arrived('/http://x/livez', ['Host', 'x']).path).toBe('/http://x/livez');
  });
});

describe('a head beyond the bound', () => {
  const large = ['x-large', 'x'.repeat(MAX_HEADER_BYTES)];

  test('of HTTP/2 is refused here, since node reads some 60 KB of it; up to the bound it is taken', () => {
    expect(arrived('/livez', [':authority', 'a', ...large], '2.0').fault).toMatch(/head is larger than/);
    const rest = MAX_HEADER_BYTES - ':authority'.length - 1 - 'x-large'.length - 8;
    expect(arrived('/livez', [':authority', 'a', 'x-large', 'x'.repeat(rest)], '2.0').fault).toBe('');
  });

  test('of HTTP/1 was judged by node', () => {
    expect(arrived('/livez', ['Host', 'a', ...large]).fault).toBe('');
  });
});
