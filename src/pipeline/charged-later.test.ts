import { expect, it } from 'vitest';
import type { DialectName } from '../contracts/dialect-name.ts';
import { isChargedLater } from './charged-later.ts';

it.each<[DialectName, string, string, boolean]>([
  ['gemini', 'POST', '/v1beta/models/gemini-x:batchGenerateContent', true],
  ['gemini', 'POST', '/v1beta/tunedModels/mine:batchGenerateContent', true],
  ['cohere', 'POST', '/v2/batches', true],
  ['cohere', 'POST', '/v2/batches/', true],
  ['cohere', 'POST', '/v2/batches/b-1:cancel', false],
  ['cohere', 'GET', '/v2/batches', false],
  // What these used nobody may be able to tell.
  ['gemini', 'POST', '/v1beta/models/gemini-x:asyncBatchEmbedContent', false],
  ['gemini', 'POST', '/v1/projects/p/locations/l/batchPredictionJobs', false],
  ['bedrock', 'POST', '/model-invocation-job', false],
  ['openai-chat', 'POST', '/v1/batches', false],
  ['openai-chat', 'POST', '/v1beta/models/gemini-x:batchGenerateContent', false],
  // At once, and not later.
  ['gemini', 'POST', '/v1beta/models/gemini-x:generateContent', false],
])('%s: %s %s is charged later: %s', (dialect, method, path, later) => {
  expect(isChargedLater(dialect, method, path)).toBe(later);
});
