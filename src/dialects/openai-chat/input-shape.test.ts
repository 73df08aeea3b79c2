import { describe, expect, test } from 'vitest';
import { inspectBody } from '../../body/inspect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { reshape } from './input-shape.ts';
import { decodeRequest } from './request-decode.ts';

function reshaped(request: JsonObject): JsonObject | null {
  const body = Buffer.from(JSON.stringify(request));
  const chat = reshape(body, inspectBody(body));
  return chat === null ? null : (JSON.parse(chat.toString()) as JsonObject);
}

describe('a body in the shape of Responses on the route of Chat', () => {
  test('is none where there are messages, whatever stands beside them', () => {
    expect(reshaped({ model: 'm', messages: [] })).toBeNull();
    expect(reshaped({ model: 'm', input: 'x', messages: [] })).toBeNull();
    expect(reshaped({ model: 'm' })).toBeNull();
  });

  test('becomes messages, tools and settings of Chat, mixed tools as they are', () => {
    const nested = { type: 'function', function: { name: 'g', parameters: {} } };
    const chat = reshaped({
      model: 'm',
      stream: true,
      instructions: 'Be brief.',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'q' },
            { type: 'input_image', image_url: 'https://x/y.png' },
          ],
        },
        { type: 'reasoning', summary: [] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Looking.' }] },
        { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
        { type: 'custom_tool_call', call_id: 'b', name: 'patch', input: 'x' },
        { type: 'function_call_output', call_id: 'a', output: 'one' },
        { type: 'custom_tool_call_output', call_id: 'b', output: [{ type: 'input_text', text: 'two' }] },
      ],
      tools: [
        { type: 'function', name: 'f', parameters: { type: 'object' }, strict: false },
        {
          type: 'custom',
          name: 'patch',
          format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
        },
        nested,
      ],
      tool_choice: { type: 'function', name: 'f' },
      max_output_tokens: 9,
      reasoning: { effort: 'low', summary: 'auto' },
      text: { verbosity: 'low', format: { type: 'json_schema', name: 's', schema: {} } },
      include: ['reasoning.encrypted_content'],
    });
    expect(chat).toEqual({
      model: 'm',
      stream: true,
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'q' },
            { type: 'image_url', image_url: { url: 'https://x/y.png' } },
          ],
        },
        {
          role: 'assistant',
          content: [{ type: 'text', text: 'Looking.' }],
          tool_calls: [
            { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
            { id: 'b', type: 'custom', custom: { name: 'patch', input: 'x' } },
          ],
        },
        { role: 'tool', tool_call_id: 'a', content: 'one' },
        { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'two' }] },
      ],
      tools: [
        { type: 'function', function: { name: 'f', parameters: { type: 'object' }, strict: false } },
        {
          type: 'custom',
          custom: {
            name: 'patch',
            format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } },
          },
        },
        nested,
      ],
      tool_choice: { type: 'function', function: { name: 'f' } },
      max_completion_tokens: 9,
      reasoning_effort: 'low',
      verbosity: 'low',
      response_format: { type: 'json_schema', json_schema: { name: 's', schema: {} } },
    });
    // What came of it is Chat to its own reader.
    expect(decodeRequest(chat!).turns).toHaveLength(4);
  });

  test.each<[JsonObject, string]>([
    [{ input: 7 }, 'input'],
    [{ input: [7] }, 'input[0]'],
    [{ input: [{ type: 'web_search_call' }] }, 'input[0].type'],
    [{ input: 'x', previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ input: 'x', tools: [{}] }, 'tools[0].type'],
  ])('%j is refused by name', (more, param) => {
    expect(() => reshaped({ model: 'm', ...more })).toThrow(expect.objectContaining({ status: 400, param }));
  });
});
