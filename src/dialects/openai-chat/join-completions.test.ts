import { expect, test } from 'vitest';
import { joinCompletions, streamOf } from './join-completions.ts';

const body = (texts: string[], usage?: object | null): Buffer =>
  Buffer.from(
    JSON.stringify({
      id: 'cmpl-1',
      object: 'text_completion',
      model: 'm',
      choices: texts.map((text, index) => ({ text, index, logprobs: null, finish_reason: 'stop' })),
      ...(usage !== undefined && { usage }),
    }),
  );

test('answers are numbered in the order of their prompts, and what they used is the sum', () => {
  const joined = joinCompletions([
    body(['a', 'b'], { prompt_tokens: 1, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 1 } }),
    body(['c'], {
      prompt_tokens: 3,
      completion_tokens: 4,
      completion_tokens_details: { reasoning_tokens: 2 },
    }),
  ]);
  expect(joined).toMatchObject({
    id: 'cmpl-1',
    choices: [
      { index: 0, text: 'a' },
      { index: 1, text: 'b' },
      { index: 2, text: 'c' },
    ],
    usage: {
      prompt_tokens: 4,
      completion_tokens: 6,
      prompt_tokens_details: { cached_tokens: 1 },
      completion_tokens_details: { reasoning_tokens: 2 },
    },
  });
});

test('what only some say was used is not the sum', () => {
  expect(joinCompletions([body(['a'], { prompt_tokens: 1 }), body(['b'])])['usage']).toBeNull();
});

test('an answer that is none ends the whole', () => {
  expect(() => joinCompletions([body(['a']), Buffer.from('[]')])).toThrow(
    expect.objectContaining({ code: 'GW_UPSTREAM_BAD_OUTPUT' }),
  );
});

test('a stream has a piece for each, its usage where it was asked for, and an end', () => {
  const joined = joinCompletions([body(['a'], { prompt_tokens: 1 }), body(['b'], { prompt_tokens: 1 })]);
  const events = (usage: boolean) =>
    streamOf(joined, usage)
      .trimEnd()
      .split('\n\n')
      .map((line) => line.slice('data: '.length));
  expect(events(false)).toHaveLength(3);
  const [one, two, used, done] = events(true);
  expect([one, two].map((text) => JSON.parse(text!) as object)).toMatchObject([
    { choices: [{ text: 'a' }] },
    { choices: [{ text: 'b', index: 1 }] },
  ]);
  expect(JSON.parse(used!)).toMatchObject({ choices: [], usage: { prompt_tokens: 2 } });
  expect(done).toBe('[DONE]');
});
