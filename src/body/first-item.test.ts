import { describe, expect, it } from 'vitest';
import { firstItemEnd } from './first-item.ts';

const first = (text: string, limit = 1000): string =>
  text.slice(0, firstItemEnd(Buffer.from(text), 0, limit));

describe('the first item of a list', () => {
  it.each([
    ['[{"a":"x"},{"b":1}]', '[{"a":"x"}'],
    ['[{"a":"x"}]', '[{"a":"x"}'],
    ['[{"a":["]","}","\\"",{"b":[]}]},2]', '[{"a":["]","}","\\"",{"b":[]}]}'],
    ['[]', '['],
    ['["a,b","c"]', '["a,b"'],
    ['"text"', '"text"'],
  ])('of %s is found', (text, found) => expect(first(text)).toBe(found));

  it('is looked at no further than is wanted', () => expect(first('["abcdef"]', 4)).toHaveLength(4));
});
