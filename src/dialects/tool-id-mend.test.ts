import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inspectBody } from '../body/inspect.ts';
import { applyEdits } from '../body/splice.ts';
import type { EncodeTarget } from '../contracts/body.ts';
import type { JsonObject } from '../contracts/json.ts';
import { capabilitiesOf } from '../models/lookup.ts';
import { mendToolIds } from './tool-id-mend.ts';

function mended(body: string, vendor: string): string {
  const bytes = Buffer.from(body);
  const target = {
    capabilities: capabilitiesOf({ vendor, dialect: 'openai-chat', model: 'm' }),
  } as EncodeTarget;
  const found = mendToolIds(bytes, inspectBody(bytes), target);
  if (found !== null) expect(found.adapted).toEqual(['messages[].tool_call_id']);
  return found === null ? body : applyEdits(bytes, found.edits).toString();
}

const conversation = (...ids: string[]): JsonObject => ({
  messages: [
    { role: 'user', content: 'q' },
    {
      role: 'assistant',
      tool_calls: ids.map((id) => ({
        id,
        type: 'function',
        function: { name: 'w', arguments: '{"id":"x"}' },
      })),
    },
    ...ids.map((id) => ({ role: 'tool', tool_call_id: id, content: id })),
  ],
});
const idsOf = (text: string): [string[], string[]] => {
  const { messages } = JSON.parse(text) as {
    messages: { tool_calls?: { id: string }[]; tool_call_id?: string }[];
  };
  return [
    messages[1]!.tool_calls!.map(({ id }) => id),
    messages.slice(2).map((message) => message.tool_call_id!),
  ];
};

describe('ids of tool calls between chat dialects', () => {
  it('become nine letters or digits for Mistral, the same for call and result, wherever they are not', () => {
    const long = 'call_0123456789abcdefghijklmn';
    const [calls, results] = idsOf(
      mended(JSON.stringify(conversation(long, 'AbCdEf123', 'é"\\')), 'mistral'),
    );
    for (const id of calls) expect(id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(calls[1]).toBe('AbCdEf123');
    expect(results).toEqual(calls);
    expect(new Set(calls).size).toBe(3);
  });

  it('are shortened for OpenAI, and for nobody else', () => {
    const vllm = 'chatcmpl-tool-0123456789abcdef0123456789abcdef';
    const body = JSON.stringify(conversation(vllm, 'call_1'));
    const [calls, results] = idsOf(mended(body, 'openai'));
    expect(calls[0]!.length).toBeLessThanOrEqual(40);
    expect(calls[1]).toBe('call_1');
    expect(results).toEqual(calls);
    for (const vendor of ['groq', 'custom', 'deepseek']) expect(mended(body, vendor)).toBe(body);
  });

  it('leave every other byte as it was, whatever else the body holds', () => {
    const odd = [
      '{"tools":[1],"messages":"tool_call_id"}',
      '{"tools":[1],"tool_call_id":"x","messages":[1,{"tool_call_id":5,"tool_calls":{"id":"long long long"}}]}',
    ];
    for (const body of odd) expect(mended(body, 'mistral')).toBe(body);
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 4 }), fc.constantFrom(undefined, 2), (ids, space) => {
        const body = JSON.stringify(conversation(...ids.filter((id) => id.isWellFormed())), null, space);
        const text = mended(body, 'mistral');
        const [calls] = idsOf(text);
        const back = (value: string): string => {
          const parsed = JSON.parse(value) as { messages: JsonObject[] };
          return JSON.stringify(
            parsed,
            (key, item) => (key === 'id' || key === 'tool_call_id' ? 0 : item),
            space,
          );
        };
        expect(back(text)).toBe(back(body));
        expect(mended(text, 'mistral')).toBe(text);
        expect(calls.every((id) => /^[A-Za-z0-9]{9}$/.test(id))).toBe(true);
      }),
    );
  });
});
