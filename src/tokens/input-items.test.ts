import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../contracts/json.ts';
import { manner } from '../dialects/openai-responses/manner.ts';
import { countPromptTokens } from './prompt.ts';
import type { Tokenizer } from './tokenizer.ts';

/** One token a character: shows what is counted and what is not. */
const letters: Tokenizer = { count: (text) => text.length };
const { request: frame, message, toolCall, image } = manner.promptCosts;
const count = (request: JsonObject): number =>
  countPromptTokens(request, 'openai-responses', letters) - frame;

describe('the prompt of a Responses request', () => {
  it('is instructions and input, as a text or as items', () => {
    expect(count({ input: 'hello' })).toBe(message + 5);
    expect(count({ instructions: 'brief', input: [{ role: 'user', content: 'hello' }] })).toBe(
      2 * message + 10,
    );
    const content = [
      { type: 'input_text', text: 'abc' },
      { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
    ];
    expect(count({ input: [{ role: 'user', content }] })).toBe(message + 3 + image);
  });

  it('counts calls, their outputs and reasoning, and survives any shape', () => {
    const input = [
      { type: 'function_call', call_id: 'x', name: 'get', arguments: '{}' },
      { type: 'function_call_output', call_id: 'x', output: [{ type: 'input_text', text: 'four' }] },
    ];
    expect(count({ input })).toBe(2 * toolCall + 5 + 4);
    expect(count({ input: [{ type: 'reasoning', summary: [{ text: 'hmm' }] }] })).toBe(3);
    expect(count({ input: [null, 7, { content: 7 }, { type: 'new' }] })).toBe(message + toolCall);
  });
});
