import { expect, test } from 'vitest';
import type { RequestHead } from '../../contracts/call.ts';
import type { DialectName } from '../../contracts/dialect-name.ts';
import { createRouteTable } from './route-table.ts';
import { routed } from './routed.ts';
import { vendorPath } from './vendor-paths.ts';

const providers = new Map<string, DialectName>([
  ['openai', 'openai-chat'],
  ['mistral', 'openai-chat'],
  ['paris', 'openai-chat'],
  ['co', 'cohere'],
  ['aws', 'bedrock'],
  ['claude', 'anthropic'],
  ['grok', 'openai-chat'],
  ['cerebras', 'openai-chat'],
  ['openrouter', 'openai-chat'],
  ['perplexity', 'openai-responses'],
]);
const vendors = new Map([
  ['openai', 'openai'],
  ['mistral', 'mistral'],
  ['paris', 'mistral'],
  ['grok', 'xai'],
  ['cerebras', 'cerebras'],
  ['openrouter', 'openrouter'],
  ['perplexity', 'perplexity'],
]);

test.each<[path: string, provider: string, rest: string, free: boolean]>([
  ['/v1/datasets', 'co', '/v1/datasets', true],
  ['/v1/datasets/d-1', 'co', '/v1/datasets/d-1', true],
  ['/cohere/v1/embed-jobs', 'co', '/v1/embed-jobs', false],
  ['/litellm/cohere/v1/embed-jobs/j-1/cancel', 'co', '/v1/embed-jobs/j-1/cancel', false],
  ['/co/v2/batches/b-1:cancel', 'co', '/v2/batches/b-1:cancel', false],
  ['/v1/check-api-key', 'co', '/v1/check-api-key', true],
  ['/mistral/v1/agents', 'mistral', '/v1/agents', false],
  ['/mistral/v1/conversations/c/restart', 'mistral', '/v1/conversations/c/restart', false],
  ['/paris/v1/batch/jobs', 'paris', '/v1/batch/jobs', false],
  ['/v1/batch/jobs/1', 'mistral', '/v1/batch/jobs/1', false],
  ['/v1/libraries/l/documents', 'mistral', '/v1/libraries/l/documents', true],
  ['/mistral/v1/files/f/url', 'mistral', '/v1/files/f/url', true],
  ['/mistral/v1/fine_tuning/jobs', 'mistral', '/v1/fine_tuning/jobs', false],
  ['/xai/v1/videos/generations', 'grok', '/v1/videos/generations', false],
  ['/grok/v1/videos/r-1', 'grok', '/v1/videos/r-1', false],
  ['/grok/v1/batches/b-1:cancel', 'grok', '/v1/batches/b-1:cancel', false],
  ['/xai/v1/tts', 'grok', '/v1/tts', false],
  ['/grok/v1/language-models/grok-4.6', 'grok', '/v1/language-models/grok-4.6', true],
  ['/openrouter/v1/images', 'openrouter', '/v1/images', false],
  ['/openrouter/v1/images/models', 'openrouter', '/v1/images/models', true],
  ['/openrouter/v1/audio/transcriptions', 'openrouter', '/v1/audio/transcriptions', false],
  ['/perplexity/v1/decisions', 'perplexity', '/v1/decisions', false],
  ['/perplexity/search', 'perplexity', '/search', false],
  ['/litellm/perplexity/search', 'perplexity', '/search', false],
  ['/perplexity/async/chat/completions', 'perplexity', '/async/chat/completions', false],
  ['/perplexity/async/chat/completions/r-1', 'perplexity', '/async/chat/completions/r-1', false],
  ['/v1/browser/sessions/s', 'perplexity', '/v1/browser/sessions/s', false],
  ['/litellm/cerebras/v1/batches/b/results', 'cerebras', '/v1/batches/b/results', false],
  ['/guardrail/g/version/1/apply', 'aws', '/guardrail/g/version/1/apply', false],
  ['/bedrock/guardrail/g/version/1/apply', 'aws', '/guardrail/g/version/1/apply', false],
  ['/v1/assistants/asst_1', 'openai', '/v1/assistants/asst_1', true],
  ['/v1/threads/t/runs', 'openai', '/v1/threads/t/runs', false],
  ['/openai/v1/chatkit/sessions', 'openai', '/v1/chatkit/sessions', false],
  ['/v1/agents/sessions/s/events', 'openai', '/v1/agents/sessions/s/events', false],
  ['/v1/vaults', 'openai', '/v1/vaults', true],
  ['/v1/sessions/sesn_1/events/stream', 'claude', '/v1/sessions/sesn_1/events/stream', false],
  ['/v1/environments', 'claude', '/v1/environments', true],
  ['/anthropic/v1/agents', 'claude', '/v1/agents', true],
  ['/claude/v1/vaults/vlt_1/credentials', 'claude', '/v1/vaults/vlt_1/credentials', true],
  ['/litellm/aws/guardrail/g/version/1/apply', 'aws', '/guardrail/g/version/1/apply', false],
  ['/guardrail-checks/invoke', 'aws', '/guardrail-checks/invoke', false],
  ['/model-invocation-job', 'aws', '/model-invocation-job', false],
  ['/bedrock/model-invocation-jobs', 'aws', '/model-invocation-jobs', false],
  ['/aws/model-invocation-job/j/stop', 'aws', '/model-invocation-job/j/stop', false],
  ['/knowledgebases/K/retrieve', 'aws', '/knowledgebases/K/retrieve', false],
  ['/litellm/bedrock/retrieveAndGenerate', 'aws', '/retrieveAndGenerate', false],
])('%s goes to %s', (path, provider, rest, free) => {
  expect(vendorPath(path, providers, vendors)).toEqual({ provider, rest, free });
  const { route, params } = createRouteTable(providers, vendors).match(path);
  expect(params).toEqual({ provider, rest });
  expect(route).toMatchObject({ kind: 'model', operation: { name: 'passthrough', billed: !free } });
});

test.each([
  '/v1/conversations',
  '/openai/v1/conversations',
  '/openai/v1/sessions',
  '/v1/agentsx',
  '/v1/batches',
  '/v1/videos/v-1',
  '/openai/v1/batches/b',
  '/cerebras/v1/videos',
  '/openrouter/v1/images/generations', // OpenAI's own
  '/openrouter/v1/credits',
  '/v1/decisions',
  '/cerebras/v1/files',
  '/openai/v1/datasets',
  '/mistral/v1/chat/completions',
  '/v1/datasetsx',
  '/other/v1/datasets',
  '/openai/guardrail/g/version/1/apply',
  '/guardrails',
  '/search',
  '/async/chat/completions',
  '/openai/search',
  '/perplexity/search/more',
  '/model-invocation-jobsx',
  '/openai/knowledgebases/K/retrieve',
])('%s is none of theirs', (path) => {
  expect(vendorPath(path, providers, vendors)).toBeNull();
});

test('of what two vendors have at one path each client gets its own', () => {
  const table = createRouteTable(providers, vendors);
  const asked = (headers: Record<string, string>, path = '/v1/agents') => {
    const head = { method: 'POST', path, query: '', headers: new Map(Object.entries(headers)) };
    return routed(table, null, head as unknown as RequestHead).match.params['provider'];
  };
  expect(asked({})).toBe('openai');
  expect(asked({ 'anthropic-version': '2023-06-01' })).toBe('claude');
  expect(asked({ 'anthropic-version': '2023-06-01' }, '/openai/v1/agents')).toBe('openai');
  expect(asked({ 'anthropic-version': '2023-06-01' }, '/v1/threads')).toBe('openai');
  const alone = new Map<string, DialectName>([['claude', 'anthropic']]);
  expect(vendorPath('/v1/agents', alone, new Map())).toMatchObject({ provider: 'claude' });
});

test('where nobody is of that vendor there are none', () => {
  const others = new Map<string, DialectName>([['openai', 'openai-chat']]);
  expect(vendorPath('/v1/datasets', others, new Map())).toBeNull();
  expect(vendorPath('/mistral/v1/agents', others, new Map())).toBeNull();
});
