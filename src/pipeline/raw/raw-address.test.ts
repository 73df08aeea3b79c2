import { describe, expect, it } from 'vitest';
import { addressBelow, filled, forwardedQuery } from './raw-address.ts';

describe('a path below a base URL', () => {
  it.each([
    ['/v1', '/files', '/v1/files'],
    ['/v1', '/v1/files?a=b', '/v1/files?a=b'],
    ['/v1', '/v1', '/v1'],
    ['/v1', '/v1?a=b', '/v1?a=b'],
    ['/v1', '/v10/files', '/v1/v10/files'],
    ['/v1/', '/', '/v1/'],
    ['/', '/v1/messages', '/v1/messages'],
    ['/api/v1', '/v1/files', '/api/v1/files'],
    ['/api/v1', '/api/v1/files', '/api/v1/files'],
    ['/api/v1', '/files', '/api/v1/files'],
    ['/v1beta', '/v1beta/models/m:generateContent', '/v1beta/models/m:generateContent'],
    // Google's bytes go beside the version.
    ['/v1beta', '/upload/v1beta/files?uploadType=media', '/upload/v1beta/files?uploadType=media'],
    ['/at/gemini/v1beta', '/upload/v1beta/files', '/at/gemini/upload/v1beta/files'],
    ['/v1beta', '/download/v1beta/files/f:download', '/download/v1beta/files/f:download'],
    ['/v1beta', '/uploads', '/v1beta/uploads'],
    // Another version is no part of the base URL's.
    ['/v1beta', '/v1/files/f', '/v1/files/f'],
    ['/v1beta', '/upload/v1/files?a=b', '/upload/v1/files?a=b'],
    ['/at/gemini/v1beta', '/upload/v1alpha/files', '/at/gemini/upload/v1alpha/files'],
    ['/api/v1', '/v2/rerank', '/api/v2/rerank'],
    ['/api', '/v2/rerank', '/api/v2/rerank'],
    ['/v1', '/v1x/files', '/v1/v1x/files'],
  ])('%s and %s', (base, path, whole) => {
    expect(addressBelow(base, path)).toBe(whole);
  });
});

it.each([
  ['/v1', '/search', '/search'],
  ['/v1', '/search?a=b', '/search?a=b'],
  ['/at/v1', '/search/more', '/at/search/more'],
  ['/', '/search', '/search'],
  ['/at', '/search', '/at/search'],
  ['/v1', '/searches', '/v1/searches'],
  ['/v1', '/v1/search', '/v1/search'],
])('what lies beside the version: %s and %s', (base, path, whole) => {
  expect(addressBelow(base, path, ['/search'])).toBe(whole);
});

it('what stands in a template stays one segment', () => {
  expect(filled('/files/{id}/content', { id: 'a/../b?c' })).toBe('/files/a%2F..%2Fb%3Fc/content');
  expect(filled('/files', {})).toBe('/files');
});

it('a query goes on without the credential of Google clients', () => {
  expect(forwardedQuery('')).toBe('');
  expect(forwardedQuery('key=secret')).toBe('');
  expect(forwardedQuery('a=b&KEY=secret&k%65y=secret&monkey=x&c=%2F')).toBe('?a=b&monkey=x&c=%2F');
  expect(forwardedQuery('a=é b')).toBe('?a=%C3%A9%20b');
});
