// Nanodollars as people write dollars: exact, plain, without an exponent.

/** @param nanoUsd whole. `27_000` → `0.000027`. */
export function usdText(nanoUsd: number): string {
  const sign = nanoUsd < 0 ? '-' : '';
  const digits = String(Math.abs(nanoUsd)).padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -9)}${fraction === '' ? '' : `.${fraction}`}`;
}
