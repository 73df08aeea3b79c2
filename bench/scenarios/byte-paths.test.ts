import { expect, it } from 'vitest';
import { byteEndpoint } from './byte-paths.ts';

it('a client asks for the provider of its own dialect, as that dialect does', () => {
  expect(byteEndpoint('gemini', 1, true)).toMatchObject({
    path: '/v1beta/models/gemini/bench-model:streamGenerateContent?alt=sse',
    headers: { 'x-goog-api-key': expect.any(String) },
  });
  expect(byteEndpoint('gemini', 1, false).path).toBe('/v1beta/models/gemini/bench-model:generateContent');
  expect(byteEndpoint('responses', 1, true)).toMatchObject({
    path: '/v1/responses',
    model: 'responses/bench-model',
    headers: { authorization: expect.stringMatching(/^Bearer /) },
  });
});
