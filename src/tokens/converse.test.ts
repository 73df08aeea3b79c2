import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../contracts/json.ts';
import { countPromptTokens } from './prompt.ts';

/** One token a character, so that what is counted shows. */
const letters = { count: (text: string) => text.length };
const count = (request: JsonObject): number => countPromptTokens(request, 'bedrock', letters as never);
const converse = (content: JsonObject[], more: JsonObject = {}): number =>
  count({ input: { converse: { messages: [{ role: 'user', content }], ...more } } });
const bare = converse([]);

describe('a Converse request that is to be counted', () => {
  test('counts texts, and media by what they are and not by their base64', () => {
    expect(converse([{ text: 'hello' }]) - bare).toBe(5);
    expect(converse([{ image: { format: 'png', source: { bytes: 'A'.repeat(100_000) } } }]) - bare).toBe(
      1_400,
    );
    expect(converse([{ document: { name: 'n', source: { bytes: 'A'.repeat(80_000) } } }]) - bare).toBe(4_000);
    expect(converse([{ document: { name: 'n', source: { text: 'four' } } }]) - bare).toBe(4);
    expect(converse([{ cachePoint: { type: 'default' } }])).toBe(bare);
  });

  test('counts tools, their calls and results, and what was thought', () => {
    const call = { toolUse: { toolUseId: 't', name: 'f', input: { a: 1 } } };
    expect(converse([call]) - bare).toBe(3 + 1 + '{"a":1}'.length);
    const result = { toolResult: { toolUseId: 't', content: [{ text: 'abc' }] } };
    expect(converse([result]) - bare).toBe(3 + 3);
    expect(converse([{ reasoningContent: { reasoningText: { text: 'hm', signature: 's' } } }]) - bare).toBe(
      2,
    );
    const tool = { toolSpec: { name: 'f' } };
    expect(converse([], { toolConfig: { tools: [tool] } }) - bare).toBe(350 + JSON.stringify(tool).length);
    expect(converse([], { system: [{ text: 'abc' }] }) - bare).toBe(3 + 3);
  });

  test('is the body of an invocation where that is given', () => {
    const body = { messages: [{ role: 'user', content: 'hello' }] };
    const encoded = Buffer.from(JSON.stringify(body)).toString('base64');
    expect(count({ input: { invokeModel: { body: encoded } } })).toBe(count(body));
  });

  test('may be anything: nothing throws', () => {
    for (const input of [
      null,
      'x',
      [],
      {},
      { converse: 7 },
      { converse: { messages: [7, { content: [7] }] } },
    ])
      expect(count({ input })).toBeGreaterThan(0);
  });
});
