import { describe, expect, it } from 'vitest';
import type { Dialect } from '../contract.ts';
import { requestBody } from './request-body.ts';

describe.each(['openai', 'responses', 'anthropic', 'gemini', 'bedrock'] as Dialect[])(
  'request body of %s',
  (dialect) => {
    it.each([1024, 4096, 150_000, 2_000_000])('is JSON of exactly %i bytes', (bytes) => {
      const body = requestBody({ dialect, model: 'm', bytes, streamed: true });
      expect(Buffer.byteLength(body)).toBe(bytes);
      expect(JSON.parse(body)).toBeTypeOf('object');
    });
  },
);

describe('request body', () => {
  it('asks for a stream where the body says so', () => {
    for (const dialect of ['openai', 'responses', 'anthropic'] as const) {
      const body = JSON.parse(requestBody({ dialect, model: 'm', bytes: 1024, streamed: true }));
      expect(body).toMatchObject({ model: 'm', stream: true });
    }
  });
});
