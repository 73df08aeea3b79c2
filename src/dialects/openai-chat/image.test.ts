import { describe, expect, test } from 'vitest';
import { encodeTarget } from '../../../tests/kit/encode-target.ts';
import { image } from './image.ts';
import { createImageWatcher } from './image-watch.ts';

const b64_json = 'A'.repeat(100_000);
const usage = { input_tokens: 3, output_tokens: 40, total_tokens: 43 };
const event = (type: string, more: object = {}): string =>
  JSON.stringify({ type: `image_generation.${type}`, b64_json, ...more });

describe('a stream of pictures', () => {
  test('is whole with its first finished picture, and may bring another until it closes', () => {
    const watcher = createImageWatcher();
    expect(watcher.watch('', event('partial_image'))).toMatchObject({ verdict: 'pass', content: true });
    expect(watcher.complete).toBe(false);
    watcher.watch('image_generation.completed', event('completed', { usage }));
    expect([watcher.complete, watcher.settled]).toEqual([true, false]);
    watcher.watch('', event('completed'));
    expect(watcher.facts).toMatchObject({ usage: { input: 3, output: 40 }, quantities: { images: 2 } });
    expect(watcher.watch('', '{"type":"keepalive"}')).toMatchObject({ verdict: 'pass', content: false });
    expect(watcher.watch('', '[DONE]')).toMatchObject({ verdict: 'end' });
    expect([watcher.settled, watcher.closing()]).toEqual([true, '']);
  });

  test.each([
    ['', 'no json'],
    ['', '[DONE]'],
    ['', '{"type":"error","error":{"message":"no"}}'],
    ['error', '{"error":{"message":"no"}}'],
  ])('fails by its event %j %j', (name, data) => {
    expect(() => createImageWatcher().watch(name, data)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^GW_UPSTREAM/) }),
    );
  });
});

test('edits whose pictures are named in JSON have a path of their own', () => {
  const target = encodeTarget('openai-chat', 'gpt-image-2');
  expect(image.address(target, false, '/v1/images/generations')).toBe('/images/generations');
  expect(image.address(target, false, '/v1/images/edits')).toBe('/images/edits');
});

test('a whole answer counts its pictures', () => {
  expect(image.readAnswer({ data: [{ b64_json }, { url: 'x' }], usage })).toMatchObject({
    usage: { input: 3, output: 40 },
    quantities: { images: 2 },
  });
  for (const none of [{}, { error: { message: 'no' } }]) expect(() => image.readAnswer(none)).toThrow();
});
