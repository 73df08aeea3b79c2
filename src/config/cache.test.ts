import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_EXACT_CACHE, DEFAULT_SEMANTIC_CACHE } from './schema/defaults.ts';
import { loadConfig } from './load.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-cache-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (rest: string) => {
  writeFileSync(
    join(folder, 'headgate.yaml'),
    `providers: { local: { dialect: openai-chat, baseUrl: "http://h/v1" } }\n${rest}`,
  );
  return loadConfig({ env: {}, cwd: folder, cores: 1 }).config;
};

describe('answers that are kept', () => {
  it('are none unless something says so', () => {
    expect(load('').cache).toBeUndefined();
    expect(load('cache: { spellings: [bifrost] }').cache).toBeUndefined();
  });

  it('are of every model where the section says so, and differ where an alias does', () => {
    const { cache, models } = load(
      [
        'cache: { exact: { ttlMs: 60000, scope: team, maxBytes: 65536 } }',
        'models:',
        '  fast: { targets: [local/a], cache: { exact: { sampled: true } } }',
        '  live: { targets: [local/a], cache: { exact: { enabled: false } } }',
        '  other: { targets: [local/a] }',
      ].join('\n'),
    );
    const exact = { ...DEFAULT_EXACT_CACHE, ttlMs: 60_000, scope: 'team' };
    expect(cache).toEqual({
      maxBytes: 65_536,
      maxEntries: 10_000,
      vectors: null,
      spellings: [],
      exact,
      semantic: null,
    });
    expect(models['fast']!.cache).toEqual({ exact: { ...exact, sampled: true }, semantic: null });
    expect(models['live']!.cache).toEqual({ exact: null, semantic: null });
    expect(models['other']!.cache).toBeUndefined();
  });

  it('are found by likeness where that is said, and kept by their key then too', () => {
    const { cache, models } = load(
      [
        'cache: { semantic: { threshold: 0.95, scope: team, ttlMs: 5000 } }',
        'models: { fast: { targets: [local/a], cache: { exact: { enabled: false } } } }',
      ].join('\n'),
    );
    expect(cache?.semantic).toEqual({
      ...DEFAULT_SEMANTIC_CACHE,
      threshold: 0.95,
      scope: 'team',
      ttlMs: 5_000,
    });
    expect(cache?.exact).toEqual({ ...DEFAULT_EXACT_CACHE, scope: 'team', ttlMs: 5_000 });
    expect(models['fast']!.cache).toEqual({ exact: null, semantic: null });
  });

  it('are of one alias alone where it alone says so', () => {
    const { cache, models } = load('models: { fast: { targets: [local/a], cache: { exact: {} } } }');
    expect(cache?.exact).toBeNull();
    expect(models['fast']!.cache).toEqual({ exact: DEFAULT_EXACT_CACHE, semantic: null });
  });

  it('may have their questions in a store, whose address is a secret', () => {
    const vectors = (rest: string) => load(`cache: { semantic: { vectors: { ${rest} } } }`).cache!.vectors;
    expect(vectors('store: qdrant, url: "https://q:6333", key: k')).toEqual({
      store: 'qdrant',
      url: 'https://q:6333',
      key: 'k',
      collection: 'headgate_questions',
      timeoutMs: 300,
    });
    expect(vectors('store: redis, url: "redis://:word@r:6380/1"')).toMatchObject({
      store: 'redis',
      key: null,
    });
    expect(() => vectors('store: postgres, url: "ftp://h"')).toThrow(/postgres:\/\//);
    expect(() => vectors('store: redis, url: "https://h"')).toThrow(/no address of the store `redis`/);
    expect(() => vectors('store: qdrant, url: "redis://h"')).toThrow(/no address of the store `qdrant`/);
    expect(() => vectors('store: redis, url: "redis://a,b"')).toThrow(/redis-cluster/);
    expect(() => vectors('store: postgres, url: "postgres://h/d", collection: "a; drop"')).toThrow(
      /collection/,
    );
  });
});
