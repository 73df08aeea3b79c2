// Money is never rounded to nothing: small amounts show the digits that matter, sums of more than a dollar show cents.

const NANO = 1_000_000_000;
const GROUPED = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** From whole nanodollars. Null = there is no price. */
export function money(nano: number | null | undefined): string {
  if (nano === null || nano === undefined) return 'no price';
  return dollars(nano / NANO);
}

/** $1,234.56 · $0.42 · $0.0042 · $0.00000012 */
export function dollars(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return 'no price';
  if (usd === 0) return '$0';
  const sign = usd < 0 ? '−' : '';
  const size = Math.abs(usd);
  if (size >= 1) return `${sign}$${GROUPED.format(size)}`;
  // Two digits that matter: the first digits behind the zeros.
  const zeros = Math.max(0, Math.ceil(-Math.log10(size)) - 1);
  const digits = Math.max(2, zeros + 2);
  const text = size.toFixed(Math.min(digits, 12));
  return `${sign}$${digits > 2 ? text.replace(/0+$/, '') : text}`;
}

/** To the nanodollar, for a title: $0.004217 */
export function exactMoney(nano: number | null | undefined): string {
  if (nano === null || nano === undefined) return 'There is no price for this model.';
  const sign = nano < 0 ? '−' : '';
  const size = Math.abs(nano);
  const rest = String(size % NANO)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${sign}$${Math.floor(size / NANO)}${rest === '' ? '' : `.${rest}`}`;
}
