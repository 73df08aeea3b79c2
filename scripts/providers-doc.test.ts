import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../src/config/load.ts';
import { PROVIDERS } from '../src/providers/registry.ts';
import { exampleOf, providersPage } from './providers-doc.ts';

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'providers.md'), 'utf8');

test('docs/providers.md says what the records say', () => {
  expect(page).toBe(providersPage());
});

describe('the example of', () => {
  const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml!);

  test('each provider stands there, and a custom one', () => {
    const names = examples.flatMap((yaml) => Object.keys(parse(yaml).providers));
    expect(names).toEqual(['mine', ...PROVIDERS.map(({ name }) => name)]);
  });

  test.each(PROVIDERS.map((record) => [record.name, record] as const))('%s loads', (name, record) => {
    const env = Object.fromEntries(record.keyEnv.map((variable) => [variable, 'a-key-of-the-vendor']));
    const folder = mkdtempSync(join(tmpdir(), 'headgate-example-'));
    try {
      const file = join(folder, 'headgate.json');
      writeFileSync(file, JSON.stringify({ providers: { [name]: exampleOf(record) } }));
      const { config } = loadConfig({ env, cwd: folder, cores: 1, file });
      expect(config.providers.map((provider) => provider.vendor)).toContain(name);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
