import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, expect, it } from 'vitest';
import { withPlaces } from '../src/observability/frame-places.ts';
import { placesOf } from './bundle-places.ts';

const root = mkdtempSync(path.join(tmpdir(), 'headgate-places-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SOURCES = {
  'src/deep/thrower.ts': [
    '/** Types and comments are in no bundle. */',
    'interface Thrown {',
    '  message: string;',
    '}',
    '',
    'export function thrower({ message }: Thrown): never {',
    '  throw new Error(message);',
    '}',
  ],
  'src/caller.ts': [
    "import { thrower } from './deep/thrower.ts';",
    '',
    'export const caller = (): never => {',
    '  // Here.',
    "  return thrower({ message: 'seen' });",
    '};',
  ],
};

/** Of a program that was bundled as scripts/small-bundle.ts does it. */
async function stackOf(folder: string): Promise<string> {
  for (const [name, lines] of Object.entries(SOURCES)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), lines.join('\n'));
  }
  const made = await rolldown({ input: path.join(root, 'src/caller.ts'), platform: 'node' });
  await made.write({
    dir: folder,
    format: 'cjs',
    strict: true,
    entryFileNames: '[name].cjs',
    comments: false,
    sourcemap: true,
  });
  await made.close();
  const file = path.join(folder, 'caller.cjs');
  writeFileSync(`${file}.places`, placesOf(readFileSync(`${file}.map`, 'utf8'), folder, root));
  const { caller } = createRequire(import.meta.url)(file) as { caller(): never };
  try {
    return caller();
  } catch (error) {
    return (error as Error).stack!;
  }
}

it('a stack out of a bundle names the lines of its sources', async () => {
  const folder = path.join(root, 'quick/0123456789abcdef');
  const stack = await stackOf(folder);
  expect(stack).not.toContain('thrower.ts');
  const [head, first, second] = withPlaces(stack).split('\n');
  expect(head).toBe('Error: seen');
  expect(first).toMatch(/^\s+at thrower \(src\/deep\/thrower\.ts:7\)$/);
  expect(second).toMatch(/^\s+at (?:Module\.)?caller \(src\/caller\.ts:5\)$/);
});

it('a folder may have blanks and brackets in its name, and a frame no name', () => {
  const folder = path.join(root, 'my folder (2)/quick/0123456789abcdef');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'worker.cjs');
  const map = { sources: [path.join(root, 'src/here.ts')], mappings: 'AAEA' };
  writeFileSync(`${file}.places`, placesOf(JSON.stringify(map), folder, root));
  for (const before of ['at run', 'at async Worker.run', 'at Object.<anonymous>', 'at get size [as size]'])
    expect(withPlaces(`    ${before} (${file}:1:9)`)).toBe(`    ${before} (src/here.ts:3)`);
  const plain = path.join(root, 'my folder/quick/0123456789abcdef');
  mkdirSync(plain, { recursive: true });
  writeFileSync(`${plain}/worker.cjs.places`, placesOf(JSON.stringify(map), plain, root));
  expect(withPlaces(`at ${plain}/worker.cjs:1:9`)).toBe('at src/here.ts:3');
  expect(withPlaces(`at async ${plain}/worker.cjs:1:9`)).toBe('at async src/here.ts:3');
});

it('a stack stays as it is where it has no places: none of a bundle, a line that is not there, a bundle that is gone', async () => {
  const folder = path.join(root, 'quick/fedcba9876543210');
  await stackOf(folder);
  const bundle = path.join(folder, 'caller.cjs');
  for (const frame of [
    `    at caller (${path.join(root, 'src/caller.js')}:5:10)`,
    `    at caller (${bundle}:99999:1)`,
    `    at caller (${path.join(folder, 'other.cjs')}:5:10)`,
    '    at process.processTicksAndRejections (node:internal/process/task_queues:103:5)',
  ])
    expect(withPlaces(`Error: seen\n${frame}`)).toBe(`Error: seen\n${frame}`);
});
