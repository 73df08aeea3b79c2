import { expect, test } from 'vitest';
import { rangeOf, spanMs } from './range.ts';

const NOW = 1_700_000_000_000;
const of = (text: string) => rangeOf(new URLSearchParams(text), NOW);

test('a span before now is live', () => {
  expect(of('')).toEqual({ from: NOW - 3_600_000, to: NOW, relative: '-1h', compare: false });
  expect(of('from=-15m&compare=1')).toEqual({
    from: NOW - 900_000,
    to: NOW,
    relative: '-15m',
    compare: true,
  });
});

test('two instants are fixed, in ms or ISO 8601', () => {
  expect(of('from=1600000000000&to=1600000060000')).toMatchObject({
    from: 1_600_000_000_000,
    to: 1_600_000_060_000,
    relative: null,
  });
  expect(of('from=2020-09-13T12:26:40Z').to).toBe(NOW);
});

test('what cannot be read is the usual hour, an end before its begin is now', () => {
  for (const text of ['from=x', 'from=-5y', 'from=-99999d'])
    expect(of(text)).toMatchObject({ relative: '-1h', to: NOW });
  expect(of('from=1600000000000&to=5').to).toBe(NOW);
  expect(spanMs('-2d')).toBe(172_800_000);
  expect(spanMs('2d')).toBeNull();
});
