// `lane.concurrency` is a number or `auto`, in the file and in the environment.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LaneConfig } from '../contracts/provider-config.ts';
import { DEFAULT_LANE } from './schema/defaults.ts';
import { withRates } from './lane-rates.ts';
import { loadConfig } from './load.ts';

describe('the concurrency of a lane', () => {
  const lane = (yaml: string, env: Record<string, string> = {}): LaneConfig => {
    const cwd = mkdtempSync(join(tmpdir(), 'headgate-lane-'));
    try {
      const providers = 'providers: { a: { dialect: openai-chat, baseUrl: "http://h/v1" } }';
      writeFileSync(join(cwd, 'headgate.yaml'), `${yaml}\n${providers}\n`);
      return loadConfig({ env, cwd, cores: 4 }).config.providers[0]!.lane;
    } finally {
      rmSync(cwd, { recursive: true });
    }
  };

  test('is a number, also in quotes and from the environment', () => {
    expect(lane('lane: { concurrency: "64" }')).toMatchObject({ concurrency: 64 });
    expect(lane('', { HEADGATE_CONCURRENCY: '65' })).toMatchObject({ concurrency: 65 });
    expect(lane('')).not.toHaveProperty('auto');
  });

  test('is found out within bounds where it is auto', () => {
    expect(lane('lane: { concurrency: Auto }')).toMatchObject({
      concurrency: DEFAULT_LANE.concurrency,
      auto: { min: 20 },
    });
    expect(
      lane('lane: { minConcurrency: 9, maxConcurrency: 7 }', { HEADGATE_CONCURRENCY: 'auto' }),
    ).toMatchObject({
      concurrency: 7,
      auto: { min: 7 },
      queue: 21,
    });
  });

  test('begins by the rate that the limits allow the provider, whoever asks', () => {
    const yaml = (limit: string) => `lane: { concurrency: auto }\nlimits: [${limit}]`;
    expect(lane(yaml('{ per: provider, requests: 600/min }')).auto?.ratePerS).toBe(10);
    expect(lane(yaml('{ match: { provider: a }, requests: 60/min }')).auto?.ratePerS).toBe(1);
    expect(lane(yaml('{ match: { provider: b }, requests: 60/min }')).auto).not.toHaveProperty('ratePerS');
    expect(lane(yaml('{ per: key, requests: 60/min }')).auto).not.toHaveProperty('ratePerS');
    expect(withRates([], [])).toEqual([]);
  });
});
