import { describe, expect, it } from 'vitest';
import { ApiError } from '../errors/api-error.ts';
import type { ApiRoute, Method } from './route.ts';
import { createRouter } from './router.ts';

const route = (method: Method, path: string): ApiRoute => ({
  method,
  path,
  access: 'open',
  operation: `${method} ${path}`,
  summary: '',
  answer: { status: 200, schema: null },
  handle: async () => ({ status: 200 }),
});
const router = createRouter([
  route('GET', '/api/keys'),
  route('POST', '/api/keys'),
  route('GET', '/api/keys/{id}'),
  route('DELETE', '/api/keys/{id}'),
  route('GET', '/api/keys/self'),
  route('POST', '/api/keys/{id}/rotate'),
]);
const refusal = (method: string, path: string): ApiError => {
  try {
    router.find(method, path);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('it was found');
};

describe('a route', () => {
  it('is found by method and path, with what stands in its places', () => {
    expect(router.find('DELETE', '/api/keys/key_1')).toMatchObject({
      route: { operation: 'DELETE /api/keys/{id}' },
      params: { id: 'key_1' },
    });
    expect(router.find('GET', '/api/keys/').route.operation).toBe('GET /api/keys');
    expect(router.find('HEAD', '/api/keys').route.operation).toBe('GET /api/keys');
    expect(router.find('GET', '/api/keys/ada%40example.com').params).toEqual({ id: 'ada@example.com' });
  });

  it('with a word goes before one with a place', () => {
    expect(router.find('GET', '/api/keys/self').route.path).toBe('/api/keys/self');
    // Of the same path: the word has no such method, and nobody is called so.
    expect(refusal('DELETE', '/api/keys/self')).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  });

  it('that takes other methods says which', () => {
    expect(refusal('PUT', '/api/keys')).toMatchObject({ status: 405, headers: { allow: 'GET, POST' } });
  });

  it.each([
    '/api/kyes',
    '/api/keys/a/b/c',
    '/api/keys/%2e%2e/rotate',
    '/api/keys/..',
    '/api/keys/a%2Fb',
    '/api/keys/%zz',
    '/api/keys/%00',
    `/api/keys/${'a'.repeat(129)}`,
    '/api//keys',
    '/api/keys/__proto__x%27',
  ])('is not found at %s', (path) => {
    expect(refusal('GET', path).status).toBe(404);
  });
});
