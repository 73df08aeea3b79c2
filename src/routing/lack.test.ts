import { expect, test } from 'vitest';
import { fakeProvider } from '../../tests/kit/fake-call.ts';
import { inspectBody } from '../body/inspect.ts';
import type { CapabilityChange } from '../contracts/capability.ts';
import { dialectByName } from '../registry/dialects.ts';
import { lackOf } from './lack.ts';

const { target } = fakeProvider('p', dialectByName('openai-chat'));
const tools = [{ type: 'function', function: { name: 'f' } }];
const picture = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }];
const says = (content: unknown) => ({ messages: [{ role: 'user', content }] });

test.each<[string, CapabilityChange, object, string | null]>([
  ['nothing', {}, { ...says('hi'), tools }, null],
  ['function tools', { tools: 'none' }, { ...says('hi'), tools }, 'error'],
  ['no tools that nobody asks for', { tools: 'none' }, says('hi'), null],
  ['images', { images: false }, says(picture), 'error'],
  ['no images that are not there', { images: false }, says('an image'), null],
  ['a context large enough by far', { contextTokens: 10 }, says('x'.repeat(200)), 'context_window'],
  ['nothing that is sure', { contextTokens: 100 }, says('x'.repeat(500)), null],
  ['nothing, of a prompt of pictures', { contextTokens: 1 }, says(picture), null],
])('a target lacks %s', (_, change, request, lack) => {
  const capabilities = { ...target.encode.capabilities, ...change } as typeof target.encode.capabilities;
  const body = Buffer.from(JSON.stringify({ model: 'm', ...request }));
  expect(lackOf({ ...target, encode: { ...target.encode, capabilities } }, body, inspectBody(body))).toBe(
    lack,
  );
});
