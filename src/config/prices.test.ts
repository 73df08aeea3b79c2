import { describe, expect, it } from 'vitest';
import type { BuildContext } from './build-context.ts';
import { buildPriceChanges, buildPrices } from './prices.ts';
import type { FileConfig } from './schema/schema.ts';

const reported: string[] = [];
const context = {
  sound: () => true,
  report: (path: readonly unknown[], text: string) => void reported.push(`${path.join('.')}: ${text}`),
} as unknown as BuildContext; // nothing else is asked of it
const changes = (stated: unknown) => {
  reported.length = 0;
  return buildPriceChanges(stated as FileConfig['priceChanges'], context).priceChanges; // as a file states them
};
const prices = { input_cost_per_token: 1e-6 };

describe('prices that hold at times', () => {
  it('are from a day on, at hours of a zone, or both', () => {
    const built = changes([
      { model: 'a/*', from: '2027-01-01', prices },
      { model: 'a/b', hours: ['16:30-00:30'], timezone: 'Asia/Shanghai', prices },
      { model: 'a/c', from: '2026-12-01', hours: ['01:00-04:00', '06:00-10:00'], prices },
    ]);
    expect(reported).toEqual([]);
    expect(built?.map(({ model, fromMs, hours }) => [model, fromMs, hours?.spans, hours?.timezone])).toEqual([
      ['a/b', 0, [[990, 30]], 'Asia/Shanghai'],
      [
        'a/c',
        Date.UTC(2026, 11, 1),
        [
          [60, 240],
          [360, 600],
        ],
        'UTC',
      ],
      ['a/*', Date.UTC(2027, 0, 1), undefined, undefined],
    ]);
  });

  it('are on days of the week, whole or at hours', () => {
    const built = changes([
      { model: 'a/*', days: ['sat-sun'], timezone: 'Europe/Berlin', prices },
      { model: 'a/b', days: ['mon-fri'], hours: ['20:00-24:00'], prices },
    ]);
    expect(reported).toEqual([]);
    expect(built?.map(({ hours }) => hours)).toEqual([
      { days: [6, 7], spans: [[0, 1440]], timezone: 'Europe/Berlin' },
      { days: [1, 2, 3, 4, 5], spans: [[1200, 1440]], timezone: 'UTC' },
    ]);
  });

  it('say what is wrong with them', () => {
    changes([
      { model: 'a/*', prices },
      { model: 'a/*', from: '2027-13-01', prices },
      { model: 'a/*', hours: ['01:00-02:00'], timezone: 'Mars/Base', prices },
      { model: 'a/*', from: '2027-01-01', timezone: 'UTC', prices },
      { model: 'a/*', from: '2027-01-01', prices: { input_cost_per_tokens: 1 } },
    ]);
    expect(reported).toEqual([
      'priceChanges.0: it needs `from`, `hours` or `days`: what always holds stands in `prices`',
      'priceChanges.1.from: no such day or time',
      'priceChanges.2.timezone: there is no such time zone',
      'priceChanges.3.timezone: it is that of `hours` and `days`, and there are none',
      expect.stringMatching(
        /^priceChanges\.4\.prices\.input_cost_per_tokens: no field of a price; did you mean/,
      ),
    ]);
  });
});

it('takes a region’s factor by its public name', () => {
  reported.length = 0;
  buildPrices({ 'a/*': { ...prices, regional_processing_uplift_multiplier_eu: 1.1 } }, context);
  expect(reported).toEqual([]);
});
