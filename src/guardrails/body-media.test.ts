import { expect, it } from 'vitest';
import { mediaOf, NO_MEDIA } from './body-media.ts';

const of = (body: object) => mediaOf(Buffer.from(JSON.stringify(body)));
const picture = 'data:image/png;base64,AAAA';

it.each<[string, object]>([
  ['OpenAI Chat', { content: [{ type: 'image_url', image_url: { url: picture } }] }],
  ['OpenAI Responses', { input: [{ content: [{ type: 'input_image', image_url: picture }] }] }],
  [
    'Anthropic',
    { content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }] },
  ],
  ['Gemini', { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }] }] }],
  ['Bedrock', { content: [{ image: { format: 'png', source: { bytes: 'AAAA' } } }] }],
  ['moderations', { input: [{ type: 'image_url', image_url: { url: picture } }] }],
])('a picture of %s is found', (_dialect, body) => {
  expect(of(body)).toEqual({ images: [picture], others: 0 });
});

it('pictures by address are found', () => {
  const url = 'https://example.com/a.png';
  expect(of({ content: [{ type: 'image', source: { type: 'url', url } }] }).images).toEqual([url]);
  expect(of({ content: [{ type: 'image_url', image_url: { url } }] }).images).toEqual([url]);
});

it.each<object>([
  { content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] },
  { parts: [{ inlineData: { mimeType: 'audio/wav', data: 'AAAA' } }] },
  {
    content: [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' } }],
  },
  { content: [{ type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA' } }] },
  { content: [{ document: { format: 'pdf', source: { bytes: 'AAAA' } } }] },
  { parts: [{ fileData: { mimeType: 'video/mp4', fileUri: 'https://example.com/a' } }] },
])('sound, video and files are counted: %j', (body) => {
  expect(of(body)).toEqual({ images: [], others: 1 });
});

it('texts about pictures are none', () => {
  expect(
    of({ messages: [{ role: 'user', content: 'an image at https://example.com/a.png, audio' }] }),
  ).toEqual(NO_MEDIA);
  expect(of({ source: { type: 'text', media_type: 'text/plain', data: 'words' } })).toEqual(NO_MEDIA);
  expect(
    of({
      tools: [{ type: 'function', function: { parameters: { properties: { image: { type: 'string' } } } } }],
    }),
  ).toEqual(NO_MEDIA);
});

it('what a model drew is told by how it begins', () => {
  const drawn = (b64_json: string) =>
    mediaOf(Buffer.from(JSON.stringify({ data: [{ b64_json }] })), true).images;
  expect(drawn('iVBORw0KGgoAAA')).toEqual(['data:image/png;base64,iVBORw0KGgoAAA']);
  expect(drawn('/9j/4AAQ')).toEqual(['data:image/jpeg;base64,/9j/4AAQ']);
  expect(drawn('UklGRiQA')).toEqual(['data:image/webp;base64,UklGRiQA']);
});
