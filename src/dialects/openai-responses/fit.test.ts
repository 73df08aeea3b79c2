import { describe, expect, test } from 'vitest';
import { inspectBody } from '../../body/inspect.ts';
import { applyEdits } from '../../body/splice.ts';
import type { EncodeTarget } from '../../contracts/body.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { capabilitiesOf } from '../../models/lookup.ts';
import { chat } from './chat.ts';

function fitted(model: string, request: JsonObject, strict = false, changes = {}, vendor = 'openai') {
  const body = Buffer.from(JSON.stringify({ model: 'alias', input: 'x', ...request }));
  const target = {
    model,
    provider: vendor,
    capabilities: capabilitiesOf({ vendor, dialect: 'openai-responses', model }, [changes]),
    strict,
  } as EncodeTarget;
  const { edits, dropped, adapted } = chat.fit(body, inspectBody(body), target);
  return { text: applyEdits(body, edits).toString(), dropped, adapted };
}

describe('a request on its way to a model that refuses part of Responses', () => {
  test('stays as it is but for its model where nothing of it is refused', () => {
    const { text, dropped, adapted } = fitted('gpt-5', { reasoning: { effort: 'low' }, store: true });
    expect(text).toBe('{"model":"gpt-5","input":"x","reasoning":{"effort":"low"},"store":true}');
    expect({ dropped, adapted }).toEqual({ dropped: [], adapted: [] });
  });

  test('loses sampling that a reasoning model has not, and says so', () => {
    const { text, dropped, adapted } = fitted('gpt-5', { temperature: 0.2, top_p: 1 });
    expect(text).toBe('{"model":"gpt-5","input":"x"}');
    expect({ dropped, adapted }).toEqual({ dropped: ['temperature'], adapted: ['top_p'] });
    expect(() => fitted('gpt-5', { temperature: 0.2 }, true)).toThrow(/temperature/);
    expect(fitted('gpt-5.1', { temperature: 0.2, reasoning: { effort: 'none' } }).dropped).toEqual([]);
  });

  test('gets the nearest effort and limit, keeps what stands beside it', () => {
    const { text, adapted } = fitted('o3', {
      reasoning: { effort: 'max', summary: 'auto' },
      max_output_tokens: 200_000,
    });
    expect(JSON.parse(text)).toMatchObject({
      reasoning: { effort: 'high', summary: 'auto' },
      max_output_tokens: 100_000,
    });
    expect(adapted).toEqual(['max_output_tokens', 'reasoning.effort']);
  });

  test('reaches Groq without what that refuses: what an agent sends with every request is no loss but for hints', () => {
    const request = {
      store: false,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'thread',
      truncation: 'disabled',
      reasoning: { effort: 'xhigh' },
    };
    const { text, dropped, adapted } = fitted('openai/gpt-oss-120b', request, false, {}, 'groq');
    expect(JSON.parse(text)).toEqual({
      model: 'openai/gpt-oss-120b',
      input: 'x',
      reasoning: { effort: 'high' },
    });
    expect(dropped).toEqual(['prompt_cache_key']);
    expect(adapted).toEqual(['include', 'truncation', 'store', 'reasoning.effort']);
    const files = { include: ['file_search_call.results'] };
    expect(fitted('openai/gpt-oss-120b', files, false, {}, 'groq').dropped).toEqual(['include']);
  });

  test('has no reasoning where there is none, and no forced tool where it may not be', () => {
    const plain = fitted('gpt-4o', { reasoning: { effort: 'high' } });
    expect(plain).toMatchObject({ text: '{"model":"gpt-4o","input":"x"}', dropped: ['reasoning'] });
    const free = fitted('gpt-4o', { tool_choice: 'required' }, false, { forcedTool: false });
    expect(JSON.parse(free.text)).toMatchObject({ tool_choice: 'auto' });
    expect(free.adapted).toEqual(['tool_choice']);
  });
});
