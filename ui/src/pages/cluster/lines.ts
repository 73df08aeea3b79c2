// Lines of a chart out of the histories of processes: seven at most, the others as their highest.
import type { ProcessHistory } from '../../api/cluster-history.ts';

const COLORS = ['--s1', '--s2', '--s3', '--s4', '--s5', '--s6'] as const;
const OTHERS = '--s8';

type Gauge = keyof ProcessHistory['values'];
type Values = readonly (number | null)[];

/** As a chart takes it. */
export interface Line {
  readonly label: string;
  readonly color: string;
  readonly values: Values;
}

/** @param processes each is named by its machine only where there are several */
export function linesOf(processes: readonly ProcessHistory[], gauge: Gauge): Line[] {
  const several = new Set(processes.map(({ node }) => node)).size > 1;
  const known = processes.filter(({ values }) => values[gauge].some((value) => value !== null));
  // Few enough: all of them, in their order. Else those that reach highest.
  const shown =
    known.length <= COLORS.length + 1
      ? known
      : [...known]
          .sort((one, other) => peakOf(other.values[gauge]) - peakOf(one.values[gauge]))
          .slice(0, COLORS.length);
  const rest = known.filter((one) => !shown.includes(one)).map(({ values }) => values[gauge]);
  const lines = shown.map(
    ({ node, worker, values }, index): Line => ({
      label: `${several ? `${node} ` : ''}${worker === null ? 'primary' : `worker ${worker}`}`,
      color: COLORS[index] ?? '--s7',
      values: values[gauge],
    }),
  );
  if (rest.length === 0) return lines;
  return [...lines, { label: `highest of ${rest.length} others`, color: OTHERS, values: highest(rest) }];
}

/** What happened within each step, of a count that only rises; one that begins anew does so from nothing. */
export function increments(values: Values): (number | null)[] {
  let before: number | null = null;
  return values.map((value) => {
    if (value === null) return null;
    const more: number = before === null ? 0 : value < before ? value : value - before;
    before = value;
    return more;
  });
}

export function peakOf(values: Values): number {
  return values.reduce<number>((peak, value) => Math.max(peak, value ?? 0), 0);
}

function highest(all: readonly Values[]): (number | null)[] {
  return (all[0] ?? []).map((_, at) =>
    all.reduce<number | null>((peak, values) => {
      const value = values[at] ?? null;
      return value === null ? peak : Math.max(peak ?? value, value);
    }, null),
  );
}
