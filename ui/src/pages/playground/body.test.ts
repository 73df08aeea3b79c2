import { expect, test } from 'vitest';
import { bodyOf } from './body.ts';

const prompt = { system: '', text: 'hi', maxTokens: '', temperature: '', tools: '', images: [] };

test('a prompt alone', () => {
  expect(bodyOf('m', prompt)).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('with all that can be said', () => {
  const body = bodyOf('m', {
    ...prompt,
    system: 's',
    maxTokens: '9',
    temperature: '0.5',
    tools: '[{"type":"function"}]',
    images: ['data:image/png;base64,AA'],
  });
  expect(body).toMatchObject({ max_tokens: 9, temperature: 0.5, tools: [{ type: 'function' }] });
  expect(body['messages']).toEqual([
    { role: 'system', content: 's' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'hi' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } },
      ],
    },
  ]);
  expect(() => bodyOf('m', { ...prompt, tools: '[' })).toThrow(SyntaxError);
});
