import { describe, expect, it } from 'vitest';
import { chargeOf } from './charge.ts';
import { isPriceField, priceOf } from './fields.ts';
import { atRegion } from './region.ts';
import { mostOf, ReservePrices } from './reserve.ts';
import { used } from './use.fixture.ts';

const price = priceOf(
  {
    input_cost_per_token: 0.003625e-6,
    regional_processing_uplift_multiplier_eu: 1.1,
    regional_endpoint_uplift_multiplier: 1.05,
    factors: { us: 1.1 },
  },
  'test',
);
const nano = (region: string | null, factors: readonly string[] = []): number | undefined =>
  chargeOf(atRegion(price, region), used({ inputTokens: 1_000_000, factors }))?.nanoUsd;

describe('a price at a region', () => {
  it.each([
    [null, 3_625_000],
    ['global', 3_625_000],
    // Exact where a rounded price a token would not be: 0.0039875 USD a million.
    ['eu', 3_987_500],
    ['eu-west-1', 3_987_500],
    ['us-east-1', 3_806_250],
  ])('%s', (region, expected) => {
    expect(nano(region)).toBe(expected);
  });

  it('has what an answer says on top of it', () => {
    expect(nano('eu', ['us'])).toBe(4_386_250);
    expect(atRegion(price, 'eu').factors).toEqual({ us: 1_100_000 });
  });

  it('is set aside for as it is charged', () => {
    const reserve = new ReservePrices();
    const above = (region: string, nano: number): number =>
      mostOf(reserve.of(atRegion(price, region), 1_000_000), 1_000_000, 0) - nano;
    // The dearest that an answer may say is in it; rounded up, and never down.
    for (const more of [above('global', 3_987_500), above('eu', 4_386_250)]) expect([0, 1]).toContain(more);
  });

  it('is written by the names of the public list', () => {
    expect(isPriceField('regional_processing_uplift_multiplier_us')).toBe(true);
    expect(isPriceField('regional_endpoint_uplift_multiplier')).toBe(true);
    expect(isPriceField('regional_uplift')).toBe(false);
  });
});
