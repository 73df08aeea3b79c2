// What the tutorial and the page for those who come from elsewhere say is true: configuration, variables, paths, metrics, links.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { withoutExtensions } from '../src/config/as-intended.ts';
import { check } from '../src/config/check.ts';
import { ENV_VARIABLES, LOADER_VARIABLES } from '../src/config/environment.ts';
import { parseConfig } from '../src/config/file.ts';
import { FILE_NODE } from '../src/config/schema.ts';
import { createRouteTable } from '../src/http/route-table.ts';

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

it.each(['README.md', 'tutorial.md', 'migrating.md'])('%s links to pages that there are', (name) => {
  for (const [, target] of read(name).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
    expect(existsSync(path.join(docs, target!)), target).toBe(true);
});
