// Medians over rounds, and the ratio to nginx.
import type { Sample } from './measure.ts';

export interface SummaryRow {
  target: string;
  kind: Sample['kind'];
  /** Median CPU microseconds. */
  micros: number;
  /** Lowest and highest round. */
  spread: [number, number];
  perSecond: number;
  failed: number;
  /** Times the CPU of nginx in the same run; null without nginx. */
  ratio: number | null;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One row per kind and target, in order of first appearance. */
export function summarise(samples: readonly Sample[]): SummaryRow[] {
  const groups = Map.groupBy(samples, ({ kind, target }) => `${kind} ${target}`);
  const rows = [...groups.values()].map((group): SummaryRow => {
    const micros = group.map((sample) => sample.micros);
    return {
      target: group[0]!.target,
      kind: group[0]!.kind,
      micros: median(micros),
      spread: [Math.min(...micros), Math.max(...micros)],
      perSecond: median(group.map((sample) => sample.perSecond)),
      failed: group.reduce((sum, sample) => sum + sample.failed, 0),
      ratio: null,
    };
  });
  for (const row of rows) {
    const yardstick = rows.find(({ target, kind }) => target === 'nginx' && kind === row.kind);
    if (yardstick !== undefined) row.ratio = row.micros / yardstick.micros;
  }
  return rows.sort((a, b) => b.kind.localeCompare(a.kind));
}

/** The rows as Markdown. */
export function resultTable(rows: readonly SummaryRow[]): string {
  const lines = rows.map(({ target, kind, micros, spread, perSecond, failed, ratio }) =>
    [
      kind,
      target,
      micros.toFixed(1),
      `${spread[0].toFixed(1)}–${spread[1].toFixed(1)}`,
      ratio === null ? '–' : `${ratio.toFixed(2)} ×`,
      Math.round(perSecond).toString(),
      String(failed),
    ].join(' | '),
  );
  return [
    '| per | target | CPU us, median | rounds | to nginx | per second | failed |',
    '|---|---|---:|---:|---:|---:|---:|',
    ...lines.map((line) => `| ${line} |`),
  ].join('\n');
}
