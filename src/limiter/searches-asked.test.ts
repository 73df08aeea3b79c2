import { describe, expect, it } from 'vitest';
import { fakeCall } from '../../tests/kit/fake-call.ts';
import type { OperationName } from '../contracts/operation.ts';
import { searchesAsked } from './searches-asked.ts';

const asked = (body: object, operation: OperationName = 'chat'): number =>
  searchesAsked(fakeCall('openai-chat', { model: 'm', ...body }, [], {}, operation).call);

describe('searches of the web that a call may make', () => {
  it('are as many as it says at most', () => {
    expect(asked({ tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 5 }] })).toBe(5);
    expect(asked({ tools: [{ type: 'web_search' }], max_tool_calls: 3 })).toBe(3);
    const two = [
      { type: 'web_search_20250305', max_uses: 2 },
      { type: 'web_search_preview', max_uses: 4 },
    ];
    expect(asked({ tools: two })).toBe(6);
    expect(asked({ tools: [{ type: 'web_search', max_uses: 1e9 }] })).toBe(1_000);
  });

  it('are one where it lets search and does not say how often', () => {
    for (const tool of [
      { type: 'web_search' },
      { type: 'web_search', max_uses: 0 },
      { type: 'web_search', max_uses: 'all' },
      { type: 'openrouter:web_search' },
      { googleSearch: {} },
      { google_search: {} },
    ])
      expect(asked({ tools: [{ type: 'function' }, tool] })).toBe(1);
    expect(asked({ web_search_options: {} })).toBe(1);
    expect(asked({ tools: [{ type: 'web_search' }], max_tool_calls: null })).toBe(1);
  });

  it('are looked for in no list that is so long that others would wait for it', () => {
    const tools = [{ type: 'web_search', max_uses: 5, description: 'x'.repeat(300_000) }];
    expect(asked({ tools })).toBe(1);
    expect(asked({ tools, max_tool_calls: 7 })).toBe(7);
    expect(asked({ tools, max_tool_calls: 1e9 })).toBe(1_000);
    expect(asked({ tools: [{ type: 'function', description: 'x'.repeat(300_000) }] })).toBe(0);
  });

  it('are none where no tool of the provider’s searches, and in nothing but a chat', () => {
    expect(asked({})).toBe(0);
    expect(asked({ tools: 'web_search' })).toBe(0);
    expect(asked({ tools: [{ type: 'function', function: { name: 'web_search' } }, null, 7] })).toBe(0);
    expect(asked({ tools: [{ type: 'web_search' }] }, 'embeddings')).toBe(0);
  });

  it('are found where letters are written as escapes', () => {
    const { call } = fakeCall('openai-chat', { tools: [{ type: 'web_search', max_uses: 2 }] }, []);
    const text = call.body!.toString().replace('"type":"web', '"type":"\\u0077eb');
    const [, , , end = 0] = call.facts!.members;
    const members = [...call.facts!.members];
    members[3] = end + 5;
    expect(
      searchesAsked({
        ...call,
        operation: call.operation,
        body: Buffer.from(text),
        facts: { ...call.facts!, members },
      }),
    ).toBe(2);
  });
});
