import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { createMeasuring, measured, measuredCalls, residentBytes } from './measured.ts';
import { settledCall } from './settled-call.fixture.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

function emfile(): never {
  throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
}

describe('what only measures', () => {
  test('has no value, and throws nothing, while it cannot be read', () => {
    expect(measured(emfile, null)).toBeNull();
    const rss = vi.spyOn(process.memoryUsage, 'rss').mockImplementation(emfile);
    const read = residentBytes();
    rss.mockRestore();
    expect(read).toBeNull();
    expect(residentBytes()).toBeGreaterThan(1_000_000);
  });

  test('fails with one line a minute for each kind of look', () => {
    const lines: unknown[] = [];
    const keep = (fields: Readonly<Record<string, unknown>>): void => void lines.push(fields['what']);
    let now = 0;
    const run = createMeasuring(
      () => ({ debug: keep, info: keep, warn: keep, error: keep }),
      () => now,
    );
    expect(run('memory', () => undefined)).toBe(true);
    for (now = 0; now < 120_000; now += 1_000) {
      expect(run('memory', emfile)).toBe(false);
      expect(run('gauges', emfile)).toBe(false);
    }
    expect(lines).toEqual(['memory', 'gauges', 'memory', 'gauges']);
  });

  test('P09: ends no call when it throws', () => {
    const said: string[] = [];
    const measure = createMeasuring(
      () => null,
      () => 0,
    );
    const observer = measuredCalls({ settled: emfile }, (what, work) => {
      said.push(what);
      return measure(what, work);
    });
    observer.settled(settledCall());
    expect(said).toEqual(['calls']);
  });

  test('is asked of the process nowhere but here', () => {
    // `process.memoryUsage` opens /proc/self/stat: called bare in a timer it ended workers that were out of descriptors.
    const found: string[] = [];
    for (const folder of ['src', 'workers', 'cluster']) {
      for (const name of readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
        if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
        if (/process\.memoryUsage/.test(readFileSync(path.join(ROOT, folder, name), 'utf8'))) {
          found.push(`${folder}/${name}`);
        }
      }
    }
    expect(found).toEqual(['src/observability/measured.ts']);
  });
});
