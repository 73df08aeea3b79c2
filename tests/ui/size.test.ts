// What a browser has to load: 60 KB before the first screen, 150 KB in all, compressed.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { pageFolder } from '../../gatehouse/page/files.ts';

const folder = pageFolder(path.resolve(import.meta.dirname, '../../gatehouse/page'))!;
const assets = path.join(folder, 'assets');
const bytesOf = (name: string): number => statSync(path.join(assets, `${name}.gz`)).size;
const all = readdirSync(assets).filter((name) => /\.(js|css)$/.test(name));

/** Files that a script asks for before it runs. */
function needs(name: string, known = new Set<string>()): Set<string> {
  if (known.has(name)) return known;
  known.add(name);
  if (!name.endsWith('.js')) return known;
  const text = readFileSync(path.join(assets, name), 'utf8');
  for (const [, other] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+)"/g)) needs(other!, known);
  return known;
}

test('the whole page is at most 150 KB', () => {
  const bytes = all.reduce((sum, name) => sum + bytesOf(name), 0);
  expect(bytes).toBeGreaterThan(20_000);
  expect(bytes).toBeLessThanOrEqual(150_000);
});

test('the first screen, with the overview in it, is at most 60 KB', () => {
  const html = readFileSync(path.join(folder, 'index.html'), 'utf8');
  const first = [...html.matchAll(/assets\/([\w.-]+)/g)].map(([, name]) => name!);
  const overview = all.filter((name) =>
    /No calls in this window|Charts by|All is well/.test(readFileSync(path.join(assets, name), 'utf8')),
  );
  expect(overview.length).toBeGreaterThan(0);
  const files = new Set([...first, ...overview].flatMap((name) => [...needs(name)]));
  const styles = all.filter((name) => name.endsWith('.css'));
  const bytes = [...new Set([...files, ...styles])].reduce((sum, name) => sum + bytesOf(name), 0);
  expect(bytes).toBeLessThanOrEqual(60_000);
});

test('nothing in it names another host', () => {
  for (const name of all) {
    const hosts = [...readFileSync(path.join(assets, name), 'utf8').matchAll(/https?:\/\/([\w.-]+)/g)].map(
      ([, host]) => host,
    );
    // Names of languages (SVG), and words in explanations; neither is ever asked for.
    expect(hosts.filter((host) => host !== 'www.w3.org' && host !== '127.0.0.1')).toEqual([]);
  }
});
