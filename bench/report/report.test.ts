import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { BenchRun } from '../result.ts';
import { writeReport } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'headgate-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run: BenchRun = {
  at: '2026-01-01T10:20:30.000Z',
  machine: {
    cpu: 'a cpu',
    cores: 2,
    memoryBytes: 2 ** 33,
    kernel: '6.1',
    node: 'v22',
    uws: '20',
    commit: 'abc1234',
  },
  settings: {
    rounds: 2,
    seconds: 4,
    quick: false,
    gatewayCores: [0],
    loadCores: [1],
    scenarios: ['cpu'],
    versus: 'all',
  },
  ceiling: { perSecond: 81_234, cpuMicros: 6.5, by: 'wrk' },
  peers: [
    { name: 'headgate', about: 'ours', found: { version: '0.1.0' } },
    { name: 'nginx', about: 'a proxy', found: { version: '1.22' } },
    { name: 'portkey', about: 'a gateway', found: { missing: 'not here | try npx' } },
  ],
  scenarios: [
    {
      name: 'cpu',
      title: 'CPU per request',
      method: 'By wrk.',
      metrics: [
        {
          name: 'cost',
          unit: 'us',
          better: 'lower',
          against: 'nginx',
          bar: { target: 'headgate', most: 2, ratio: true },
        },
      ],
      tookSeconds: 12,
      result: {
        measurements: [
          { target: 'headgate', metric: 'cost', value: 45, rounds: [44, 46] },
          { target: 'nginx', metric: 'cost', value: 20, rounds: [20, 20] },
          {
            target: 'bare loop',
            metric: 'cost',
            value: null,
            rounds: [],
            remark: 'the generator was too busy',
          },
        ],
        charts: [
          {
            title: 'Cost <of> a "request"',
            kind: 'bars',
            xLabel: '',
            yLabel: 'us',
            logY: true,
            series: [
              {
                name: 'us',
                points: [
                  ['headgate', 45],
                  ['nginx', 20],
                  ['none', 0],
                ],
              },
            ],
          },
          { title: 'Empty', kind: 'lines', xLabel: '', yLabel: '', series: [{ name: 'a', points: [] }] },
        ],
        notes: ['wrk 4.1'],
      },
      error: null,
      warnings: ['the mock was busy'],
    },
    {
      name: 'broken',
      title: 'Broken',
      method: '',
      metrics: [],
      tookSeconds: 0,
      result: null,
      error: 'it fell',
      warnings: [],
    },
  ],
};

it('writes the bars, a table with ratios and remarks, what was left out, and pictures that are pictures', async () => {
  await writeReport(run, folder);
  const text = readFileSync(join(folder, 'report.md'), 'utf8');
  expect(text).toContain('| cpu | cost | headgate | at most 2 x nginx | 2.25 | **missed** |');
  expect(text).toContain('| headgate | 45 (44–46) **2.25 x** |');
  expect(text).toContain('| bare loop | – [1] |');
  expect(text).toContain('1. the generator was too busy');
  expect(text).toContain('left out: not here / try npx');
  expect(text).toContain('**No result:** it fell');
  expect(text).toContain('![CPU per request](cpu.svg)');
  expect(text).not.toContain('cpu-2');
  const svg = readFileSync(join(folder, 'cpu.svg'), 'utf8');
  expect(svg).toMatch(/^<svg /);
  expect(svg).toContain('Cost &lt;of&gt; a');
  const png = readFileSync(join(folder, 'cpu.png'));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBe(1920);
});
