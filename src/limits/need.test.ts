import { describe, expect, it } from 'vitest';
import { amountOf, unitsOf } from './need.ts';

describe('what a call wants of a bucket', () => {
  const need = { requests: 2, tokens: 500, cost: 0 };

  it('is what the dimension of its rule counts; a slot is one, whatever the call', () => {
    expect(amountOf(need, 'requests')).toBe(2);
    expect(amountOf(need, 'tokens')).toBe(500);
    expect(amountOf(need, 'concurrent')).toBe(1);
  });

  it('is never more tokens than the limit', () => {
    expect(unitsOf(need, { dimension: 'tokens', limit: 10_000 })).toBe(500);
    expect(unitsOf(need, { dimension: 'tokens', limit: 40 })).toBe(40);
    expect(unitsOf(need, { dimension: 'requests', limit: 1 })).toBe(2);
    expect(unitsOf(need, { dimension: 'concurrent', limit: 5 })).toBe(1);
  });
});
