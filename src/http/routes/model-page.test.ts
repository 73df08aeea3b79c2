import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../contracts/errors.ts';
import { readPage } from './model-page.ts';

const all = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, ownedBy: 'x' }));

function page(query: string): string {
  const result = readPage(all, query);
  if (result instanceof GatewayError) return `${result.code} ${result.param}`;
  return `${result.models.map(({ id }) => id).join('')}${result.hasMore ? '+' : ''}`;
}

describe('a page of models', () => {
  it.each([
    ['', 'abcde'],
    ['limit=2', 'ab+'],
    ['limit=5', 'abcde'],
    ['limit=1000', 'abcde'],
    ['limit=2&after_id=b', 'cd+'],
    ['limit=2&after_id=c', 'de'],
    ['after_id=e', ''],
    ['limit=2&before_id=e', 'cd+'],
    ['limit=2&before_id=c', 'ab'],
    ['limit=2&before_id=b', 'a'],
    ['before_id=a', ''],
    ['after_id=a&before_id=e', 'bcd'],
    ['limit=1&after_id=a&before_id=e', 'b+'],
    // In the list no more: the end, not the beginning again.
    ['after_id=zz', ''],
    ['before_id=zz', ''],
    ['after_id=zz&before_id=zz', ''],
    ['beta=true', 'abcde'],
  ])('%s: %s', (query, expected) => {
    expect(page(query)).toBe(expected);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1e2', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=99999', 'limit'],
  ])('%s is refused', (query, param) => {
    expect(page(query)).toBe(`GW_CLIENT_BAD_REQUEST ${param}`);
  });

  it('read to its end gives every model once, either way', () => {
    for (let limit = 1; limit <= 6; limit++) {
      let seen = '';
      let query = `limit=${limit}`;
      for (;;) {
        const text = page(query);
        seen += text.replace('+', '');
        if (!text.endsWith('+')) break;
        query = `limit=${limit}&after_id=${seen.at(-1)}`;
      }
      expect(seen).toBe('abcde');
      seen = '';
      query = `limit=${limit}&before_id=e`;
      for (;;) {
        const text = page(query);
        seen = text.replace('+', '') + seen;
        if (!text.endsWith('+')) break;
        query = `limit=${limit}&before_id=${seen[0]}`;
      }
      expect(seen).toBe('abcd');
    }
  });
});
