// Every example of a configuration in the documentation is one that the gateway takes, but for what only its reader has: files, keys and
// the providers that another example names.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../src/config/load.ts';
import { ConfigError } from '../src/config/problem.ts';
import { FILE_NODE } from '../src/config/schema/schema.ts';

const docs = path.resolve(import.meta.dirname, '../docs');
const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));

const SECTIONS = new Set(Object.keys(FILE_NODE.properties ?? {}));

interface Example {
  /** Page and line. */
  readonly at: string;
  readonly text: string;
}

const examples: readonly Example[] = pages.flatMap((page) => {
  const whole = readFileSync(path.join(docs, page), 'utf8');
  return [...whole.matchAll(/```ya?ml\n([\s\S]*?)```/g)]
    .map(({ 1: text, index }) => ({ at: `${page}:${whole.slice(0, index).split('\n').length}`, text: text! }))
    .filter(({ text }) => isOurs(parse(text)));
});

/** What is no file of ours is another program's, or a part of one. */
function isOurs(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).every((key) => SECTIONS.has(key));
}

/** What only the reader can make true. */
const THEIRS = [
  /there is no such (?:file|package)/,
  /no provider `[^`]+` is on/,
  /names no provider with `protocol: proto`/,
  /no key: set /,
  /is missing: state it, or set /,
];

const fitting = (name: string): string =>
  name.includes('REDIS')
    ? 'redis://127.0.0.1:6379'
    : /URL|ENDPOINT|HOOK/.test(name)
      ? 'https://host.example/path'
      : 'a-value-of-yours-0123';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-examples-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('there are examples', () => expect(examples.length).toBeGreaterThan(80));

it.each(examples)('$at is a configuration', ({ text }) => {
  writeFileSync(path.join(folder, 'headgate.yaml'), text);
  const named = [...text.matchAll(/\benv\.([A-Z0-9_]+)/g)].map(
    ([, name]) => [name!, fitting(name!)] as const,
  );
  const keys = {
    OPENAI_API_KEY: 'sk-of-an-example-1',
    ANTHROPIC_API_KEY: 'sk-of-an-example-2',
    HEADGATE_API_KEYS: 'key-of-a-caller-1',
  };
  let problems: readonly string[] = [];
  try {
    loadConfig({ env: { ...keys, ...Object.fromEntries(named) }, cwd: folder, cores: 2 });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems = error.problems;
  }
  expect(problems.filter((problem) => !THEIRS.some((theirs) => theirs.test(problem)))).toEqual([]);
});
