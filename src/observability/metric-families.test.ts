import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { METRIC_FAMILIES, type MetricFamily } from './metric-families.ts';

const families = Object.entries(METRIC_FAMILIES) as [string, MetricFamily][];

describe('metric families', () => {
  it('keep the naming rules of Prometheus', () => {
    for (const [name, family] of families) {
      expect(name, name).toMatch(/^headgate_[a-z][a-z_]*[a-z]$/);
      expect(name.endsWith('_total'), name).toBe(family.type === 'counter');
      expect(family.help, name).toMatch(/\.$/);
      expect(family.buckets !== undefined, name).toBe(family.type === 'histogram');
    }
  });

  it('have rising bucket bounds', () => {
    for (const [name, { buckets = [] }] of families) {
      expect(
        [...new Set(buckets)].sort((a, b) => a - b),
        name,
      ).toEqual(buckets);
    }
  });

  it('never carry a label that could name a person, a key value or a request', () => {
    const forbidden = /^(user|client|api_key|request_id|id|path|url)$/;
    for (const [name, { labels }] of families) {
      expect(
        labels.filter((label) => forbidden.test(label)),
        name,
      ).toEqual([]);
    }
  });

  it('are all described in docs/metrics.md with their type and labels', () => {
    const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    for (const [name, { type, labels }] of families) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
      expect(row, name).toBeDefined();
      const cells = row!.split('|').map((cell) => cell.trim());
      expect(cells[2], name).toBe(type);
      expect(cells[3], name).toBe(labels.join(', ') || '–');
    }
  });
});
