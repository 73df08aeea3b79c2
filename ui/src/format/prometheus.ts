// Numbers of /metrics, as Prometheus' text format has them: what the page shows of lanes is what an alert sees.

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Samples by name of the metric. */
export type Metrics = ReadonlyMap<string, readonly Sample[]>;

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** @param wanted names to read; all others are passed by */
export function readMetrics(text: string, wanted: ReadonlySet<string>): Metrics {
  const found = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const end = line.search(/[{ ]/);
    if (end <= 0 || !wanted.has(line.slice(0, end))) continue;
    const [, name = '', labels = '', value = ''] = LINE.exec(line) ?? [];
    if (name === '') continue;
    const sample: Sample = {
      labels: Object.fromEntries(
        [...labels.matchAll(LABEL)].map(([, key, text_]) => [key!, unescaped(text_!)]),
      ),
      value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value),
    };
    const list = found.get(name);
    if (list === undefined) found.set(name, [sample]);
    else list.push(sample);
  }
  return found;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
}

/** Sum of the samples that have these labels; null = there is none. */
export function sumOf(
  metrics: Metrics,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | null {
  const fitting = (metrics.get(name) ?? []).filter((one) =>
    Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  );
  return fitting.length === 0 ? null : fitting.reduce((sum, { value }) => sum + value, 0);
}

/** Values of a label, in the order they come. */
export function valuesOf(metrics: Metrics, name: string, label: string): string[] {
  return [...new Set((metrics.get(name) ?? []).map(({ labels }) => labels[label] ?? ''))];
}

/**
 * Quantile of what a histogram counted between two readings, within a bucket even. Null: nothing was counted.
 * @param name without `_bucket` @returns in the unit of the histogram
 */
export function quantileBetween(
  before: Metrics,
  after: Metrics,
  name: string,
  labels: Readonly<Record<string, string>>,
  share: number,
): number | null {
  const counts = (metrics: Metrics): Map<number, number> => {
    const sums = new Map<number, number>();
    for (const sample of metrics.get(`${name}_bucket`) ?? []) {
      if (!Object.entries(labels).every(([key, value]) => sample.labels[key] === value)) continue;
      const edge = sample.labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(sample.labels['le']);
      sums.set(edge, (sums.get(edge) ?? 0) + sample.value);
    }
    return sums;
  };
  const old = counts(before);
  const edges = [...counts(after)]
    .map(([edge, count]) => [edge, count - (old.get(edge) ?? 0)] as const)
    .sort(([a], [b]) => a - b);
  const total = edges.at(-1)?.[1] ?? 0;
  if (total <= 0) return null;
  let [low, below] = [0, 0];
  for (const [edge, count] of edges) {
    if (count >= total * share) {
      if (edge === Number.POSITIVE_INFINITY) return low;
      return low + ((edge - low) * (total * share - below)) / Math.max(1, count - below);
    }
    [low, below] = [edge, count];
  }
  return low;
}
