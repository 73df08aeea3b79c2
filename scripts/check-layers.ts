// Proves the house rules on imports: down only, no cycles, one vendor in one file, process entries apart.
// Parses with the TypeScript scanner's own import listing, so comments and strings are not taken for imports.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Layers from the bottom; a file may import its own layer and those below. The first matching prefix counts. */
const LAYERS: readonly (readonly [prefix: string, layer: number])[] = [
  ['src/contracts/', 0],
  ['src/version.ts', 0],
  ['src/upstream/sse.ts', 1],
  ['src/body/', 1],
  ['src/dialects/', 1],
  ['src/providers/', 1],
  ['src/routing/', 1],
  ['src/tokens/', 1],
  ['src/ipc/', 1],
  ['src/config/', 1],
  ['src/limits/', 1],
  ['src/lanes/', 2],
  ['src/stores/', 2],
  ['src/limiter/', 2],
  ['src/upstream/', 2],
  ['src/observability/', 2],
  ['src/pipeline/', 3],
  ['src/http/', 4],
  ['src/gateway.ts', 5],
  ['workers/', 6],
  ['cluster/', 6],
];

/** Vendor -> the only files that may import it. */
const VENDORS: Readonly<Record<string, readonly string[]>> = {
  'uWebSockets.js': ['src/http/'],
  'uWebSockets.js-next': ['src/http/'],
  undici: [], // tests and the bench compare with it; the gateway runs without
  piscina: ['workers/thread-pool.ts'],
  pino: ['src/observability/logger.ts'],
  'prom-client': ['src/observability/metric-totals.ts'],
  msgpackr: ['src/ipc/codec.ts'],
  ioredis: ['src/stores/redis-client.ts'],
  yaml: ['src/config/file.ts'],
  typebox: ['src/config/'],
  'gpt-tokenizer': ['src/tokens/'],
  'node:cluster': ['cluster/supervisor.ts', 'workers/link.ts'],
};

const root = resolve(import.meta.dirname, '..');
const problems: string[] = [];

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => join(folder, file));
}

/** Import specifiers of a file: static, type, re-export and dynamic with a literal. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '');
  const found: string[] = [];
  for (const match of text.matchAll(/(?:^|[\s;}])(?:import|export)\s[^'";]*?from\s*['"]([^'"]+)['"]/g))
    found.push(match[1]!);
  for (const match of text.matchAll(/(?:^|\s)import\s*['"]([^'"]+)['"]/g)) found.push(match[1]!);
  for (const match of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)) found.push(match[1]!);
  return found;
}

const layerOf = (file: string): number | null =>
  LAYERS.find(([prefix]) => file.startsWith(prefix))?.[1] ?? null;
const files = [...sources('src'), ...sources('workers'), ...sources('cluster')];
const graph = new Map<string, string[]>();

for (const file of files) {
  const layer = layerOf(file);
  if (layer === null)
    problems.push(`${file}: belongs to no layer; add its folder to scripts/check-layers.ts`);
  const edges: string[] = [];
  for (const specifier of importsOf(file)) {
    if (specifier.startsWith('.')) {
      const target = relative(root, resolve(root, dirname(file), specifier));
      edges.push(target);
      const below = layerOf(target);
      if (layer !== null && below !== null && below > layer)
        problems.push(`${file}: imports upwards ${target}`);
      const apart = [file, target].map((path) => path.split('/')[0]).join('>');
      if (apart === 'workers>cluster' || apart === 'cluster>workers')
        problems.push(`${file}: imports ${target}; they speak by contracts/ipc.ts only`);
      continue;
    }
    const owners = VENDORS[specifier] ?? VENDORS[specifier.split('/')[0]!];
    if (owners !== undefined && !owners.some((owner) => file.startsWith(owner))) {
      problems.push(`${file}: imports ${specifier}, which belongs to ${owners.join(', ')}`);
    }
  }
  graph.set(file, edges);
}

/** Depth-first search; a file met again while it is still open closes a cycle. */
function findCycles(): void {
  const state = new Map<string, 'open' | 'done'>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      problems.push(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`);
      return;
    }
    state.set(file, 'open');
    path.push(file);
    for (const next of graph.get(file) ?? []) visit(next);
    path.pop();
    state.set(file, 'done');
  };
  for (const file of graph.keys()) visit(file);
}

findCycles();
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`layers: ${files.length} files, no cycle, no upward import`);
