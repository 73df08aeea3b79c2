import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { build, stripped } from './build.ts';

describe('stripped', () => {
  it('leaves every word of the program at its line and column', () => {
    const source = [
      "import type { A } from './a.ts';",
      "import { b } from './b.ts';",
      "export { c } from '../c.ts';",
      'export async function run<T extends A>(one: T): Promise<void> {',
      "  const d = (await import('./d.ts')) as { go(): void };",
      '  d.go(); throw new Error(String(one satisfies A));',
      '}',
    ].join('\n');
    const code = stripped(source);
    expect(code.split('\n')).toHaveLength(7);
    for (const word of ['throw new Error', 'd.go()', 'function run'])
      expect(at(code, word)).toEqual(at(source, word));
    expect(code).toContain("import { b } from './b.js'");
    expect(code).toContain("export { c } from '../c.js'");
    expect(code).toContain("import('./d.js')");
    expect(code).not.toContain('.ts');
  });

  it('leaves specifiers of packages and other text as they are', () => {
    const source = "import a from 'a/b.ts';\nconst text = './c.ts', more = 'taken from the file x.ts';\n";
    expect(stripped(source)).toBe(source);
  });
});

function at(text: string, word: string): { line: number; column: number } {
  const before = text.slice(0, text.indexOf(word)).split('\n');
  return { line: before.length, column: before.at(-1)!.length };
}

describe('build', () => {
  let from = '';
  let to = '';

  beforeEach(() => {
    from = mkdtempSync(path.join(tmpdir(), 'headgate-build-'));
    to = path.join(from, '.cache/build');
    for (const folder of ['src/deep', 'workers', 'cluster', 'gatehouse'])
      mkdirSync(path.join(from, folder), { recursive: true });
    writeFileSync(path.join(from, 'package.json'), '{"name":"headgate","type":"module"}');
    write('src/deep/a.ts', 'export const a: number = 1;\n');
    write('src/b.ts', "export { a } from './deep/a.ts';\n");
  });
  afterEach(() => rmSync(from, { recursive: true, force: true }));

  const write = (file: string, text: string): void => writeFileSync(path.join(from, file), text);
  const built = (file: string): string => readFileSync(path.join(to, file), 'utf8');

  it('makes what can be imported, without tests, and its stamp', async () => {
    write('src/b.test.ts', 'throw new Error();\n');
    build(from, to);
    expect(((await import(path.join(to, 'src/b.js'))) as { a: number }).a).toBe(1);
    expect(built('package.json')).toContain('headgate');
    expect(built('made')).toBe('');
    expect(() => built('src/b.test.js')).toThrow();
  });

  it('takes data with it that a module reads from beside it, as long as it is there', () => {
    write('src/deep/table.json', '{"a":1}');
    build(from, to);
    expect(built('src/deep/table.json')).toBe('{"a":1}');
    rmSync(path.join(from, 'src/deep/table.json'));
    build(from, to);
    expect(() => built('src/deep/table.json')).toThrow();
  });

  it('takes away what has no source any more and follows what has changed', () => {
    build(from, to);
    rmSync(path.join(from, 'src/deep'), { recursive: true });
    write('src/b.ts', 'export const b = 2;\n');
    build(from, to);
    expect(built('src/b.js')).toBe('export const b = 2;\n');
    expect(() => built('src/deep/a.js')).toThrow();
  });

  it('leaves no stamp of a build that failed', () => {
    write('workers/w.ts', 'enum No { A }\n');
    expect(() => build(from, to)).toThrow();
    expect(() => built('made')).toThrow();
  });
});
