import { expect, test } from 'vitest';
import { compactionOf, opened, summaryRequest } from './compaction.ts';

test('a summary is asked for behind all items, without what shapes an answer', () => {
  const asked = summaryRequest({
    model: 'm',
    instructions: 'Be brief.',
    input: 'a story',
    tools: [],
    stream: true,
    store: true,
    text: {},
    max_output_tokens: 9,
  });
  expect(asked).toMatchObject({ model: 'm', instructions: 'Be brief.', store: false, max_output_tokens: 9 });
  expect(asked).not.toHaveProperty('tools');
  expect(asked).not.toHaveProperty('stream');
  expect(asked['input']).toMatchObject([{ content: 'a story' }, { role: 'user' }]);
});

test('what comes back in our item is the summary, whatever it says; an item of another maker stays', () => {
  const text = 'was gesagt wurde: "é😀"\n';
  const output = [
    { type: 'reasoning', summary: [] },
    {
      type: 'message',
      content: [
        { type: 'output_text', text },
        { type: 'refusal', refusal: 'no' },
      ],
    },
  ];
  const made = compactionOf({ output, usage: { input_tokens: 1 } }, 'abc', 7);
  expect(made).toMatchObject({
    id: 'resp_abc',
    object: 'response.compaction',
    created_at: 7,
    usage: { input_tokens: 1 },
  });
  const theirs = { type: 'compaction', encrypted_content: 'sealed-by-its-maker' };
  const items = [...(made['output'] as object[]), theirs, { role: 'user', content: 'on' }];
  expect(JSON.parse(opened(JSON.stringify(items)))).toEqual([
    { type: 'message', role: 'user', content: `Summary of the conversation so far:\n\n${text}` },
    theirs,
    { role: 'user', content: 'on' },
  ]);
  const plain = '[ {"role":"user","content":"hgc1. and compaction"} ]';
  expect(opened(plain)).toBe(plain);
});
