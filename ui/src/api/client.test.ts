import { afterEach, expect, test, vi } from 'vitest';
import { call } from './client.ts';

afterEach(() => vi.unstubAllGlobals());

function answered(body: string | null, type: string, status = 200): void {
  vi.stubGlobal('fetch', async () => new Response(body, { status, headers: { 'content-type': type } }));
}

test('a good answer is what the API says; none is none', async () => {
  answered('{"a":1}', 'application/json; charset=utf-8');
  expect((await call('GET', '/api/x')).body).toEqual({ a: 1 });
  answered(null, 'application/json', 204);
  expect((await call('DELETE', '/api/x')).body).toBe('');
});

test.each([
  ['a page to sign in', '<html>Sign in</html>', 'text/html'],
  ['words', 'ok', 'text/plain'],
  ['half an answer', '{"a":', 'application/json'],
])('%s of somebody else, without a fault, is no answer', async (_name, body, type) => {
  answered(body, type);
  await expect(call('GET', '/api/x')).rejects.toMatchObject({ problem: { code: 'foreign_answer' } });
});

test('a refusal keeps its own words, whatever shape it has', async () => {
  answered('<html>Bad gateway</html>', 'text/html', 502);
  await expect(call('GET', '/api/x')).rejects.toMatchObject({ problem: { status: 502, code: 'http_502' } });
});
