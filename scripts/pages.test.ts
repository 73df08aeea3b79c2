// What the tutorial and the page for those who come from elsewhere say is true: configuration, variables, paths, metrics, links.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { withoutExtensions } from '../src/config/as-intended.ts';
import { check } from '../src/config/check.ts';
import { ENV_VARIABLES, LOADER_VARIABLES } from '../src/config/environment.ts';
import { parseConfig } from '../src/config/file.ts';
import { importConfig } from '../src/config/import/run.ts';
import { loadConfig } from '../src/config/load.ts';
import { FILE_NODE } from '../src/config/schema/schema.ts';
import { createRouteTable } from '../src/http/routes/route-table.ts';

const docs = path.resolve(import.meta.dirname, '../docs');
const read = (name: string): string => readFileSync(path.join(docs, name), 'utf8');

describe.each(['tutorial.md', 'migrating.md'])('%s', (name) => {
  it('has YAML that is valid', () => {
    const examples = [...read(name).matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1]!);
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples)
      expect(check(FILE_NODE, withoutExtensions(parseConfig(example, name).value)), example).toEqual([]);
  });

  it('names variables and metrics that there are', () => {
    const variables = [...ENV_VARIABLES.map((variable) => variable.name), ...LOADER_VARIABLES];
    for (const variable of read(name).match(/\bHEADGATE_[A-Z_]+\b/g) ?? [])
      expect(variables).toContain(variable);
    const metrics = read(name).match(/\bheadgate_[a-z_]+\b/g) ?? [];
    expect(metrics.length).toBeGreaterThan(4);
    for (const metric of metrics) expect(read('metrics.md')).toContain(`| \`${metric}\` |`);
  });
});

it('calls paths that the gateway itself serves', () => {
  const table = createRouteTable(new Map());
  const called = [...read('tutorial.md').matchAll(/curl http:\/\/127\.0\.0\.1:8080(\/\S+)/g)];
  expect(called.length).toBeGreaterThan(3);
  for (const [, asked] of called) expect(['local', 'model'], asked).toContain(table.match(asked!).route.kind);
});

describe('what stands side by side for those who come from elsewhere', () => {
  const page = read('migrating.md');
  const folder = mkdtempSync(path.join(tmpdir(), 'headgate-pages-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  /** Their file and ours, of one section. */
  function pairOf(title: string): [theirs: string, ours: string] {
    const section = page.slice(page.indexOf(`## ${title}\n`)).split('\n## ')[0]!;
    const [, theirs = ''] = /```text\n([\s\S]*?)```/.exec(section) ?? [];
    const [, ours = ''] = /```yaml\n([\s\S]*?)```/.exec(section) ?? [];
    return [theirs, ours];
  }
  const env = {
    GATE_KEY: 'a-key-of-16-or-more',
    OPENAI_API_KEY: 'sk-anything-0001',
    ANTHROPIC_API_KEY: 'sk-ant-anything-0002',
  };
  function loaded(name: string, text: string) {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    const { config } = loadConfig({ env, cwd: folder, file, cores: 1 });
    return {
      providers: config.providers
        .filter(({ keys }) => keys.length > 0)
        .map(({ name: of, keys, retries, lane }) => ({
          of,
          keys: keys.map(({ value, weight, models }) => ({ value, weight, models })),
          retries: retries.max,
          lane: [lane.concurrency, lane.queue],
        })),
      models: config.models,
      total: config.providers.map(({ timeouts }) => timeouts.totalMs),
    };
  }

  it.each([
    ['LiteLLM', 'litellm', 'config.yaml'],
    ['Bifrost', 'bifrost', 'config.json'],
  ])('of %s: the import of their file is the file beside it', (title, gateway, name) => {
    const [theirs, ours] = pairOf(title);
    writeFileSync(path.join(folder, name), theirs);
    const { text, report } = importConfig(gateway, name, folder, Date.now());
    expect(report).toEqual([]);
    expect(loaded(`${gateway}-imported.yaml`, text)).toEqual(loaded(`${gateway}-ours.yaml`, ours));
  });

  it('of Portkey: its targets are ours, in their order', () => {
    const [theirs, ours] = pairOf('Portkey');
    const { targets } = JSON.parse(theirs) as {
      targets: { provider: string; override_params: { model: string } }[];
    };
    const file = path.join(folder, 'portkey.yaml');
    writeFileSync(file, ours);
    const { config } = loadConfig({ env, cwd: folder, file, cores: 1 });
    expect(JSON.stringify(config.models)).toContain(targets[0]!.override_params.model);
    expect(ours).toContain(
      `[${targets.map(({ provider, override_params }) => `${provider}/${override_params.model}`).join(', ')}]`,
    );
  });
});

it.each(['README.md', 'tutorial.md', 'migrating.md'])('%s links to pages that there are', (name) => {
  for (const [, target] of read(name).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
    expect(existsSync(path.join(docs, target!)), target).toBe(true);
});
