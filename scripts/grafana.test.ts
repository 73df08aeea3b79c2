import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRIC_FAMILIES, type MetricFamily } from '../src/observability/metric-families.ts';
import { ALERTS } from './grafana/alerts.ts';
import { ROWS } from './grafana/board.ts';
import { FILES } from './grafana.ts';

/** Labels that whoever scrapes adds. */
const OF_THE_SCRAPE = ['job', 'instance', 'le'];

const EXPRESSIONS = [
  ...ROWS.flatMap(({ panels }) =>
    panels.flatMap(({ title, queries }) => queries.map(({ expr }) => [title, expr] as const)),
  ),
  ...ALERTS.map(({ name, expr }) => [name, expr] as const),
];

/** The family a name in an expression is of. */
function familyOf(name: string): MetricFamily | undefined {
  const families: Readonly<Record<string, MetricFamily>> = METRIC_FAMILIES;
  const histogram = families[name.replace(/_(bucket|sum|count)$/, '')];
  return families[name] ?? (histogram?.type === 'histogram' ? histogram : undefined);
}

describe.each(EXPRESSIONS)('%s', (_, expr) => {
  const names = expr.match(/headgate_\w+/g) ?? [];

  it('asks for metrics that there are', () => {
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect(familyOf(name), name).toBeDefined();
  });

  it('asks for labels that they have', () => {
    const labels = names.flatMap((name) => familyOf(name)?.labels ?? []).concat(OF_THE_SCRAPE);
    const matched = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside]) =>
      [...inside!.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!),
    );
    const grouped = [...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, inside]) =>
      inside!.split(',').map((label) => label.trim()),
    );
    for (const label of [...matched, ...grouped]) expect(labels).toContain(label);
  });

  it('takes rates of counters, and quantiles of histograms, alone', () => {
    for (const [, name] of expr.matchAll(/(?:rate|increase)\((headgate_\w+)/g))
      expect(familyOf(name!)?.type, name).not.toBe('gauge');
    for (const name of names.filter((one) => one.endsWith('_bucket')))
      expect(familyOf(name)?.type).toBe('histogram');
    // A counter that is read as it stands only ever rises.
    for (const name of names)
      if (familyOf(name)?.type === 'counter') expect(expr).toMatch(new RegExp(`(rate|increase)\\(${name}`));
  });

  it('is closed', () => {
    for (const [open, close] of ['()', '{}', '[]'])
      expect(expr.split(open!).length, expr).toBe(expr.split(close!).length);
  });
});

it.each(Object.keys(FILES))(
  'deploy/grafana/%s is what it is made of (else: node scripts/grafana.ts)',
  (name) => {
    expect(readFileSync(new URL(`../deploy/grafana/${name}`, import.meta.url), 'utf8')).toBe(FILES[name]);
  },
);

it('legends name labels that their expression has', () => {
  for (const { panels } of ROWS)
    for (const { queries } of panels)
      for (const { expr, legend } of queries)
        for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g))
          expect(/by \(/.test(expr) ? expr : `${expr} instance worker`).toContain(label);
});
