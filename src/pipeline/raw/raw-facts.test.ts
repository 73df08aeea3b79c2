import { expect, test } from 'vitest';
import { rawFacts } from './raw-facts.ts';

const quantities = (answer: object) => rawFacts(JSON.stringify(answer))?.quantities;

test('pages, classes and seconds are what vendors bill by, and nothing else is told of them', () => {
  expect(quantities({ pages: [{}], usage_info: { pages_processed: 3, doc_size_bytes: 9 } })).toMatchObject({
    pages: 3,
    seconds: null,
  });
  expect(quantities({ meta: { billed_units: { classifications: 4 } } })).toMatchObject({ searches: 4 });
  expect(quantities({ usage: { type: 'duration', seconds: 5 } })).toMatchObject({ seconds: 5 });
  expect(quantities({ usage_info: { pages_processed: 'many' }, meta: null })).toBeUndefined();
});

test('sound and films say how long they are, each where its vendor has it', () => {
  expect(quantities({ text: 'x', usage: { prompt_audio_seconds: 7, prompt_tokens: 3 } })).toMatchObject({
    seconds: 7,
  });
  expect(quantities({ task: 'transcribe', text: 'x', segments: [], duration: 8.47 })).toMatchObject({
    seconds: 8.47,
  });
  expect(quantities({ text: 'x', duration: 8.47 })).toBeUndefined();
  expect(quantities({ object: 'video', id: 'video_1', seconds: '8', size: '1024x1792' })).toMatchObject({
    seconds: 8,
    size: '1024x1792',
  });
  expect(quantities({ object: 'video', id: 'video_1' })).toBeUndefined();
});

test('tokens of pictures are told apart', () => {
  const usage = {
    input_tokens: 50,
    output_tokens: 60,
    input_tokens_details: { image_tokens: 40, text_tokens: 10 },
    output_tokens_details: { image_tokens: 55, text_tokens: 5 },
  };
  expect(rawFacts(JSON.stringify({ data: [], usage }))?.usage).toMatchObject({
    imageInput: 40,
    imageOutput: 55,
  });
});

test('so are those of sound that is written down, and those that were kept', () => {
  const read = (usage: object) => rawFacts(JSON.stringify({ text: 'x', usage }))?.usage;
  const tokens = { type: 'tokens', input_tokens: 14, output_tokens: 45, total_tokens: 59 };
  expect(read({ ...tokens, input_token_details: { text_tokens: 0, audio_tokens: 14 } })).toMatchObject({
    input: 14,
    audioInput: 14,
    cacheRead: null,
  });
  expect(read({ ...tokens, input_tokens_details: { cached_tokens: 8 } })).toMatchObject({ cacheRead: 8 });
  expect(read({ ...tokens, prompt_tokens_details: { cached_tokens: 8 } })).toMatchObject({ cacheRead: 8 });
  expect(Object.keys(read(tokens)!)).not.toContain('audioInput');
});
