// Nanodollars as people write dollars: exact, plain, without an exponent.

const NANO = 1e9;

/** @param nanoUsd whole. `27_000` → `0.000027`. */
export function usdText(nanoUsd: number): string {
  const amount = Math.abs(nanoUsd);
  let fraction = amount % NANO;
  // A difference first: what is left divides exactly, up to any amount that is exact itself.
  const whole = `${nanoUsd < 0 ? '-' : ''}${(amount - fraction) / NANO}`;
  if (fraction === 0) return whole;
  let digits = 9;
  for (; fraction % 10 === 0; fraction /= 10) digits--;
  return `${whole}.${String(fraction).padStart(digits, '0')}`;
}
