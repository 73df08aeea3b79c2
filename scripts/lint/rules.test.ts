// The linter's own rules of this house, tried with the configuration of this checkout.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { LAYERS } from '../layers/rules.ts';

const root = resolve(import.meta.dirname, '../..');
const PURE = 'A pure layer is given its time';
const MOCK = 'A mocked module tests its mock';

let folder = '';
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What the linter says of each file, in their order. */
function lint(files: Record<string, string>): string[] {
  folder = mkdtempSync(join(tmpdir(), 'headgate-lint-'));
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'));
  cpSync(join(root, 'scripts/lint'), join(folder, 'scripts/lint'), { recursive: true });
  const program = join(root, 'node_modules/.bin/biome');
  return Object.entries(files).map(([file, text]) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
    const { stdout, stderr } = spawnSync(program, ['lint', '--colors=off', file], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout + stderr;
  });
}

const faults = (output: string, message: string): number => output.split(message).length - 1;

describe('a pure layer', () => {
  const clocks = [
    'export const a = Date.now();',
    'export const b = { now: Date.now };',
    'export const c = new Date();',
    'export const d = new Date;',
    'export const e = Math.random();',
    'export const f = () => performance.now();',
    'export const g = globalThis.Date.now();',
    'export const h = process.hrtime();',
  ];

  test('has neither clock nor chance', () => {
    const [output] = lint({ 'src/contracts/a.ts': `${clocks.join('\n')}\n` });
    expect(faults(output!, PURE)).toBe(clocks.length);
  });

  test('may say when a given time is', () => {
    const [output] = lint({ 'src/contracts/a.ts': 'export const at = (ms: number) => new Date(ms);\n' });
    expect(output).not.toContain(PURE);
  });

  test('is every folder below the effects, and no other', () => {
    const { plugins } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as {
      plugins: { path: string; includes: string[] }[];
    };
    const { includes } = plugins.find(({ path }) => path.endsWith('pure-layers.grit'))!;
    const pure = LAYERS.filter(([, layer]) => layer <= 1).map(([prefix]) =>
      prefix.endsWith('/') ? `${prefix}**` : prefix,
    );
    expect(includes.filter((entry) => !entry.startsWith('!'))).toEqual(pure);
  });

  test('is not what its tests and the layers above are', () => {
    const [inTest, above] = lint({
      'src/contracts/a.test.ts': clocks[0]!,
      'src/lanes/a.ts': clocks[0]!,
    });
    expect(inTest).not.toContain(PURE);
    expect(above).not.toContain(PURE);
  });
});

describe('a test', () => {
  test('replaces no module of ours', () => {
    const mocks = [
      "vi.mock('./lane.ts');",
      "vi.mock('../lanes/lane.ts', () => ({}));",
      "vi.mock(import('./lane.ts'), () => ({}));",
      'vi.doMock("./lane.ts");',
    ];
    const [output, inKit] = lint({
      'src/lanes/a.test.ts': `import { vi } from 'vitest';\n${mocks.join('\n')}\n`,
      'tests/kit/a.ts': `import { vi } from 'vitest';\n${mocks[0]}\n`,
    });
    expect(faults(output!, MOCK)).toBe(mocks.length);
    expect(faults(inKit!, MOCK)).toBe(1);
  });

  test('may spy, and may stand in for a vendor', () => {
    const [output] = lint({
      'src/lanes/a.test.ts': "import { vi } from 'vitest';\nvi.mock('ioredis');\nvi.fn();\n",
    });
    expect(output).not.toContain(MOCK);
  });
});
