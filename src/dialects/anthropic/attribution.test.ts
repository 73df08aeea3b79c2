import { expect, it } from 'vitest';
import { inspectBody } from '../../body/inspect.ts';
import { blankAttribution } from './attribution.ts';

const block = (text: string) => ({ type: 'text', text });
const own = block('x-anthropic-billing-header: cc_version=2.1.332; cch=1f4a;');
const blanked = (body: unknown): string => {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const made = blankAttribution(bytes, inspectBody(bytes).members);
  expect(made).toHaveLength(bytes.length);
  return made.toString();
};

it('is white space where it stands first, and the rest stays where it was', () => {
  const text = `{"model":"m","system":[ ${JSON.stringify(own)} , ${JSON.stringify(block('a'))}],"messages":[]}`;
  const written = JSON.stringify(own);
  expect(blanked(text)).toBe(text.replace(` ${written} `, ' '.repeat(written.length + 2)));
  expect(blanked({ system: [own] }).replaceAll(' ', '')).toBe('{"system":[]}');
});

it.each([
  ['a system prompt that is text', { system: 'x-anthropic-billing-header: a' }],
  ['one that stands behind', { system: [block('a'), own] }],
  ['one that only names it', { system: [block('Of x-anthropic-billing-header: what is it?')] }],
  ['one longer than any', { system: [block(`x-anthropic-billing-header:${'a'.repeat(3_000)}`)] }],
  ['none', { messages: [own] }],
  ['an empty list', { system: [] }],
])('%s stays', (_, body) => {
  expect(blanked(body)).toBe(JSON.stringify(body));
});
