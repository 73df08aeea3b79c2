import { describe, expect, test } from 'vitest';
import type { Edit } from '../contracts/body.ts';
import { cutItems } from './list-cuts.ts';
import { MemberReader, type TextAt } from './member-reader.ts';
import { applyEdits } from './splice.ts';

function itemsOf(body: string): TextAt[] {
  const reader = new MemberReader(Buffer.from(body));
  const found: TextAt[] = [];
  reader.members(1, (key) => {
    if (key !== 'list') reader.value(1);
    else
      reader.items(2, () => {
        const text = reader.text(2);
        if (text !== null) found.push(text);
      });
  });
  return found;
}

describe('a member reader', () => {
  test('finds texts with their bytes, escapes read, and passes over all else', () => {
    const body = ' {"x":[{"list":["no"]}], "list" : [ "a", 7, {"b":"c"}, "\\u0062é" ] }';
    const found = itemsOf(body);
    expect(found.map(({ text }) => text)).toEqual(['a', 'bé']);
    for (const { span, text } of found)
      expect(JSON.parse(Buffer.from(body).toString('utf8', span.start, span.end))).toBe(text);
  });

  test('takes another kind of value for nothing to look into', () => {
    expect(itemsOf('{"list":{"list":["a"]},"x":1}')).toEqual([]);
  });
});

describe('items cut out of a list', () => {
  test.each([
    ['["a","b","c"]', 'a', '["b","c"]'],
    ['["a" , "b","c"]', 'b', '["a","c"]'],
    ['["a","b", "c"]', 'c', '["a","b"]'],
    ['["a","b","c"]', 'ab', '["c"]'],
    ['["a","b","c"]', 'bc', '["a"]'],
    ['[ "a" ]', 'a', '[  ]'],
  ])('of %s: %s', (list, out, left) => {
    const body = `{"list":${list}}`;
    const edits: Edit[] = [];
    cutItems(itemsOf(body), ({ text }) => out.includes(text), edits);
    expect(applyEdits(Buffer.from(body), edits).toString()).toBe(`{"list":${left}}`);
  });
});
