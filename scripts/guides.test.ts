// Everything in the recipes is true: configurations are loaded, commands and their options are those of `headgate --help`, addresses are served,
// programs and files of other programs can be parsed.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { parse as parseToml } from 'smol-toml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENV_VARIABLES, LOADER_VARIABLES } from '../src/config/environment.ts';
import { loadConfig } from '../src/config/load.ts';
import { isAdmin } from '../src/http/routes/admin-route.ts';
import { createRouteTable } from '../src/http/routes/route-table.ts';
import { PROGRAM } from '../tests/kit/program.ts';

const root = path.resolve(import.meta.dirname, '..');
const docs = path.join(root, 'docs');
const guides = readdirSync(path.join(docs, 'guides')).filter((name) => name.endsWith('.md'));
const read = (name: string): string => readFileSync(path.join(docs, 'guides', name), 'utf8');
/** What stands between fences of one language. */
const fenced = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1]!);

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-guides-'));
let help = '';
beforeAll(() => {
  help = execFileSync(process.execPath, [PROGRAM, '--help'], { encoding: 'utf8' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('there is one for each thing that the page of them names, and none beside', () => {
  const index = readFileSync(path.join(docs, 'guides.md'), 'utf8');
  const named = [...index.matchAll(/\(guides\/([a-z-]+\.md)\)/g)].map((match) => match[1]!);
  expect([...new Set(named)].sort()).toEqual([...guides].sort());
  expect(guides.length).toBeGreaterThan(20);
});

describe.each(guides)('%s', (name) => {
  const text = read(name);

  it('has configurations that load', () => {
    for (const example of fenced(text, 'yaml')) {
      const file = path.join(folder, `${name}.yaml`);
      writeFileSync(file, example);
      // A module that the page shows is where its configuration looks for it.
      for (const [, module] of example.matchAll(/path: \.\/(\S+\.js)/g)) {
        mkdirSync(path.dirname(path.join(folder, module!)), { recursive: true });
        writeFileSync(path.join(folder, module!), fenced(text, 'js')[0]!);
      }
      const secrets = Object.fromEntries(
        [...example.matchAll(/\benv\.([A-Z_]+)/g)].map(([, variable]) => [
          variable,
          /REDIS/.test(variable!)
            ? 'redis://127.0.0.1:6379'
            : /URL/.test(variable!)
              ? 'https://hooks.example/x'
              : `a-secret-of-the-test-0123456789-${variable}`,
        ]),
      );
      const env = { OPENAI_API_KEY: 'sk-anything-0001', ...secrets };
      const load = (): unknown => loadConfig({ env, cwd: folder, file, cores: 1 });
      expect(load, example).not.toThrow();
    }
  });

  it('names commands, options and variables that there are', () => {
    const said = fenced(text, 'sh').join('\n');
    for (const [, line] of said.matchAll(/^headgate (.+)$/gm)) {
      const [verb = '', second = ''] = line!.split(/\s+/);
      expect(help, line).toMatch(new RegExp(`headgate [a-z|-]*\\b${verb}\\b`));
      if (verb === 'edge') expect(help, line).toContain(`headgate edge ${second}`);
      // What follows a program that is run is its own.
      const own = line!.split(/ (?:codex|gemini|claude|--) /)[0]!;
      for (const [option] of own.matchAll(/(?<= )--[a-z-]+/g)) expect(help, line).toContain(option);
    }
    const known = [...ENV_VARIABLES.map((variable) => variable.name), ...LOADER_VARIABLES];
    for (const variable of text.match(/\bHEADGATE_[A-Z_]+\b/g) ?? []) expect(known).toContain(variable);
  });

  it('calls what the gateway serves', () => {
    const table = createRouteTable(new Map());
    for (const [, asked] of text.matchAll(/(?:http|ws):\/\/127\.0\.0\.1:8080(\/[A-Za-z0-9_/-]+)/g)) {
      // The beginning of all paths of a dialect.
      if (asked === '/v1') continue;
      const served = isAdmin(asked!) || ['local', 'model', 'socket'].includes(table.match(asked!).route.kind);
      expect([asked, served]).toEqual([asked, true]);
    }
  });

  it('has files and programs that can be read', () => {
    for (const json of fenced(text, 'json')) expect(JSON.parse(json), json).toBeTypeOf('object');
    for (const toml of fenced(text, 'toml')) expect(Object.keys(parseToml(toml)).length).toBeGreaterThan(0);
    for (const js of fenced(text, 'js')) expect(parseSync('guide.mjs', js).errors, js).toEqual([]);
    const python = fenced(text, 'python');
    if (python.length > 0)
      execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
        input: python.join('\n'),
      });
  });

  it('leads to pages that there are', () => {
    const targets = [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((match) => match[1]!);
    for (const target of targets)
      expect(readFileSync(path.join(docs, 'guides', target), 'utf8').length, target).toBeGreaterThan(0);
  });
});
