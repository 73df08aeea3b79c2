// Numbers with as many digits as matter: 1,234 · 12.3k · 4.5M. No unit is ever left to be guessed.

const GROUPED = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

/** Whole, in groups: 1,234,567. Null = not known. */
export function whole(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : GROUPED.format(value);
}

/** 999 · 1,234 · 12.3k · 4.56M · 45.6M · 456M · 7.8B. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const size = Math.abs(value);
  if (size < 10_000) return GROUPED.format(size < 100 ? round(value, 2) : Math.round(value));
  if (size < 999_950) return `${round(value / 1e3, 1)}k`;
  if (size < 999_500_000) return `${three(value / 1e6)}M`;
  return `${three(value / 1e9)}B`;
}

/** With three digits that matter. */
function three(value: number): number {
  const size = Math.abs(value);
  return round(value, size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

export function tokens(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${short(value)} tok`;
}

/** A share from 0 to 1: 0 % only when it is nothing, 100 % only when it is all. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined || Number.isNaN(share)) return '–';
  const value = share * 100;
  if (value === 0) return '0 %';
  if (value < 0.01) return '< 0.01 %';
  if (value < 1) return `${round(value, 2)} %`;
  if (value < 99.95) return `${round(value, 1)} %`;
  return value < 100 ? '> 99.9 %' : `${round(value, 0)} %`;
}

/** 1.5 GB, by 1,000. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${size < 10 && unit > 0 ? round(size, 1) : Math.round(size)} ${units[unit]}`;
}

/** 42 tok/s, 3.4/s. */
export function rate(perSecond: number | null | undefined, unit = ''): string {
  if (perSecond === null || perSecond === undefined) return '–';
  const text =
    perSecond === 0 ? '0' : perSecond < 0.01 ? '< 0.01' : short(round(perSecond, perSecond < 10 ? 2 : 1));
  return `${text}${unit === '' ? '' : ` ${unit}`}/s`;
}

/** Of two periods: `+12 %`, `−3 %`; '' where the first has nothing to compare with. */
export function change(value: number, before: number): string {
  if (before === 0) return value === 0 ? '±0 %' : 'new';
  const apart = (value - before) / before;
  if (Math.abs(apart) < 0.0005) return '±0 %';
  return `${apart > 0 ? '+' : '−'}${percent(Math.abs(apart))}`;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
