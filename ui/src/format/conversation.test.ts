import { expect, test } from 'vitest';
import { conversationOf } from './conversation.ts';

const of = (value: unknown) => conversationOf(JSON.stringify(value));

test('requests of each dialect', () => {
  expect(
    of({ messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image_url' }] }] }),
  ).toEqual([{ role: 'user', text: 'a\n[image_url]' }]);
  expect(of({ system: 's', messages: [{ role: 'user', content: 'a' }] })).toEqual([
    { role: 'system', text: 's' },
    { role: 'user', text: 'a' },
  ]);
  expect(of({ contents: [{ role: 'user', parts: [{ text: 'a' }] }] })).toEqual([{ role: 'user', text: 'a' }]);
  expect(of({ instructions: 's', input: 'a' }).map(({ role }) => role)).toEqual(['system', 'user']);
});

test('answers of each dialect, calls of tools among them', () => {
  const call = { function: { name: 'f', arguments: '{"a":1}' } };
  expect(of({ choices: [{ message: { content: 'x', tool_calls: [call] } }] })).toEqual([
    { role: 'assistant', text: 'x' },
    { role: 'tool call', text: 'f({"a":1})' },
  ]);
  expect(of({ role: 'assistant', content: [{ type: 'tool_use', name: 'f', input: { a: 1 } }] })).toEqual([
    { role: 'assistant', text: 'f({"a":1})' },
  ]);
  expect(of({ output: [{ type: 'message', role: 'assistant', content: [{ text: 'x' }] }] })).toEqual([
    { role: 'assistant', text: 'x' },
  ]);
});

test('a stream becomes one turn', () => {
  const stream = [
    'data: {"choices":[{"delta":{"content":"he"}}]}',
    'data: {"delta":{"type":"text_delta","text":"ll"}}',
    'data: {"candidates":[{"content":{"parts":[{"text":"o"}]}}]}',
    'data: [DONE]',
  ];
  expect(conversationOf(stream.join('\n\n'))).toEqual([{ role: 'assistant', text: 'hello' }]);
});

test('anything else is no conversation', () => {
  for (const text of ['', 'x', '[]', '{"a":1}', '{"messages":']) expect(conversationOf(text)).toEqual([]);
});
