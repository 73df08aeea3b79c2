// What a process loads at its start it keeps in memory for good, and calls wait for it: the primary loads what a start needs, and the
// gatehouse nothing before the keys of callers were told.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

/** Files that are loaded with this one: what is imported for its types alone, or when it is wanted, is not. */
function loadedWith(entry: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [entry];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const place = path.join(root, file);
    if (!file.endsWith('.ts') || !existsSync(place)) continue;
    const { module } = parseSync(file, readFileSync(place, 'utf8'));
    const specifiers = [
      ...module.staticImports
        .filter(({ entries }) => entries.length === 0 || entries.some(({ isType }) => !isType))
        .map(({ moduleRequest }) => moduleRequest.value),
      ...module.staticExports.flatMap(({ entries }) =>
        entries.flatMap(({ moduleRequest, isType }) =>
          moduleRequest == null || isType ? [] : [moduleRequest.value],
        ),
      ),
    ];
    for (const specifier of specifiers)
      if (specifier.startsWith('.'))
        open.push(path.relative(root, path.resolve(root, path.dirname(file), specifier)));
      else found.add(specifier);
  }
  return found;
}
const matching = (loaded: ReadonlySet<string>, pattern: RegExp): string[] =>
  [...loaded].filter((file) => pattern.test(file));

it.each([
  ['cluster/cli.ts', 'cluster/crew/port.ts'],
  ['cluster/primary/main.ts', 'cluster/primary/primary.ts'],
  ['cluster/config/config-source.ts', 'src/config/load.ts'],
])('%s loads no dialect, no gateway and no command that is not a start', (entry, needed) => {
  const loaded = loadedWith(entry);
  // It is read at all.
  expect(loaded).toContain(needed);
  expect(matching(loaded, /^src\/dialects\/[\w-]+\/(dialect|stream|answer|request)/)).toEqual([]);
  expect(
    matching(loaded, /^(src\/(gateway|pipeline|upstream|redis)|cluster\/edge|gatehouse|workers)\//),
  ).toEqual([]);
  expect(matching(loaded, /^cluster\/.*-command\.ts$/)).toEqual([]);
  expect(matching(loaded, /^(ioredis|@aws-sdk|jose|openid-client|postgres|piscina|ws|marked)/)).toEqual([]);
});

it('the gatehouse loads its API behind the keys', () => {
  const loaded = loadedWith('gatehouse/main.ts');
  expect(loaded).toContain('gatehouse/keep/publisher.ts');
  expect(matching(loaded, /^gatehouse\/(front|api\/table|ingest|page|callbacks|export)/)).toEqual([]);
  expect(matching(loaded, /^(ioredis|@aws-sdk|jose|openid-client|postgres|node:sqlite)/)).toEqual([]);
});
