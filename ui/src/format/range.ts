// A range of time as the address says it: `from=-1h`, or two instants in ms or ISO 8601.

export interface TimeRange {
  /** ms since 1970. */
  readonly from: number;
  readonly to: number;
  /** `-1h`; null = fixed. */
  readonly relative: string | null;
  /** The period before is shown, too. */
  readonly compare: boolean;
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const DEFAULT = '-1h';

export function rangeOf(params: URLSearchParams, at: number): TimeRange {
  const compare = params.get('compare') === '1';
  const stated = params.get('from') ?? DEFAULT;
  const span = spanMs(stated);
  const to = instant(params.get('to'));
  const from = span === null ? instant(stated) : null;
  if (from !== null) return { from, to: to !== null && to > from ? to : at, relative: null, compare };
  const relative = span === null ? DEFAULT : stated;
  return { from: at - (span ?? spanMs(DEFAULT)!), to: at, relative, compare };
}

/** `-15m` -> 900,000; null = no span. */
export function spanMs(text: string): number | null {
  const [, count = '', unit = ''] = /^-(\d{1,4})([mhd])$/.exec(text) ?? [];
  return count === '' ? null : Number(count) * UNITS_MS[unit]!;
}

function instant(text: string | null): number | null {
  if (text === null || text === '') return null;
  const at = /^\d{10,15}$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(at) ? at : null;
}
