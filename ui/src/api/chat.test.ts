import { expect, test } from 'vitest';
import { piecesOf } from './chat.ts';

test('text, reasoning, tools, the end and usage of chunks', () => {
  const delta = (value: object) => piecesOf({ choices: [{ delta: value, finish_reason: null }] });
  expect(delta({ role: 'assistant', content: '' })).toEqual([]);
  expect(delta({ content: 'a' })).toEqual([{ text: 'a' }]);
  expect(delta({ reasoning_content: 'r' })).toEqual([{ reasoning: 'r' }]);
  expect(delta({ tool_calls: [{ index: 0, function: { name: 'f', arguments: '{' } }] })).toEqual([
    { tool: '\nf ' },
    { tool: '{' },
  ]);
  expect(piecesOf({ choices: [{ delta: {}, finish_reason: 'stop' }] })).toEqual([{ stop: 'stop' }]);
  expect(piecesOf({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } })).toEqual([
    { usage: { input: 3, output: 4 } },
  ]);
});

test('anything else is no piece', () => {
  for (const event of [null, 1, [], {}, { choices: 'x' }, { choices: [null] }])
    expect(piecesOf(event)).toEqual([]);
});
