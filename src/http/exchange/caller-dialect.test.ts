import { expect, test } from 'vitest';
import { HeaderBag } from '../../contracts/headers.ts';
import { callerDialect } from './caller-dialect.ts';

test.each([
  [{}, 'openai-chat'],
  [{ authorization: 'Bearer x' }, 'openai-chat'],
  [{ 'api-key': 'x' }, 'openai-chat'],
  [{ 'x-api-key': 'x' }, 'anthropic'],
  [{ 'x-api-key': 'x', authorization: 'Bearer x' }, 'openai-chat'],
  [{ authorization: 'Bearer x', 'anthropic-version': '2023-06-01' }, 'anthropic'],
  [{ authorization: 'Bearer x', 'anthropic-beta': 'x' }, 'anthropic'],
  [{ 'x-goog-api-key': 'x' }, 'gemini'],
  [{ 'x-goog-api-key': 'x', authorization: 'Bearer x' }, 'openai-chat'],
  [{ 'x-goog-api-client': 'google-genai-sdk/3.6.1', authorization: 'Bearer x' }, 'gemini'],
  [{ authorization: 'Bearer x', 'x-fern-sdk-name': 'cohere-ai' }, 'cohere'],
  [{ authorization: 'Bearer x', 'x-fern-sdk-name': 'other' }, 'openai-chat'],
  [{ authorization: 'AWS4-HMAC-SHA256 x', 'amz-sdk-invocation-id': 'x' }, 'bedrock'],
])('who sends %j reads %s', (headers, dialect) => {
  const bag = new HeaderBag();
  for (const [name, value] of Object.entries(headers)) bag.add(name, value);
  expect(callerDialect(bag)).toBe(dialect);
});
