import { expect, test } from 'vitest';
import { smallModule } from './modules.ts';

/** `#{` is how a template's hole begins in the sources below, which are no templates of this file. */
const holes = (source: string): string => source.replaceAll('#{', `$${'{'}`);

/** Runs what was made of a source. @param others by id, what it imports */
function run(source: string, others: Record<string, object> = {}): Record<string, unknown> {
  const { text } = smallModule('src/a/one.js', holes(source));
  const $ = Object.assign((id: string) => others[id], {
    later: async (id: string) => others[id],
    meta: (id: string) => ({ url: `file:///there/${id}`, filename: `/there/${id}`, dirname: '/there/src/a' }),
  });
  // The bundle's files are CommonJS: `require` is theirs.
  const made = new Function('require', `return ${text}`)((name: string) => ({
    name,
    default: `main of ${name}`,
  }));
  return (made as (registry: unknown) => Record<string, unknown>)($);
}

test('what a module imports and exports is found under its names', async () => {
  const source = `
    // A word with two bytes: →
    import type { Nothing } from './types.ts';
    import { b as other, type Nothing as Nought } from '../b.ts';
    import * as space from './space.ts';
    import main, { name } from 'package';
    import { sep } from 'node:path';
    export { passed as handed } from '../b.ts';
    export const [FIRST, SECOND] = [1, 2];
    export const arrow = '→ ’';
    export async function later(): Promise<Nothing> {
      return (await import('./apart.ts')).value;
    }
    export class Thing { name: string = other; static #count: number = 2; static get count() { return Thing.#count; } }
    const own: Nought = { space, main, name, sep, at: import.meta.filename };
    export { own as it };
    export default own;
  `.replaceAll('\n    ', '\n');
  const found = run(source, {
    'src/b.js': { b: 'b', passed: 'p' },
    'src/a/space.js': { in: 'space' },
    'src/a/apart.js': { value: 'apart' },
  });
  expect(found).toMatchObject({
    handed: 'p',
    FIRST: 1,
    SECOND: 2,
    arrow: '→ ’',
    it: { space: { in: 'space' }, main: 'main of package', name: 'package', at: '/there/src/a/one.js' },
  });
  expect(found['default']).toBe(found['it']);
  await expect((found['later'] as () => Promise<string>)()).resolves.toBe('apart');
  const Thing = found['Thing'] as { new (): { name: string }; count: number };
  expect([new Thing().name, Thing.count]).toEqual(['b', 2]);
});

test('no comment, no end of line and no character of two bytes is kept', () => {
  const { text, imports, later } = smallModule(
    'src/a/one.js',
    holes(
      "import { b } from './b.ts';\n/** Why → here. */\nexport function f(x: number): string {\n  // so\n  return `#{x}→#{b}`;\n}\n",
    ),
  );
  expect(text).not.toMatch(/Why|so\b|[\u0100-\uffff]/);
  expect(text.split('\n')).toHaveLength(4);
  expect([imports, later]).toEqual([['src/a/b.js'], []]);
});

test('a template over several lines stays as it is', () => {
  expect(run('export const text = `a\n    b #{[1, 2].map((n) => `<#{n}>`).join()}\n  c`;\n')['text']).toBe(
    'a\n    b <1>,<2>\n  c',
  );
});

test('what it does not know is an error of the build', () => {
  expect(() => smallModule('src/a/one.js', "export * from './b.ts';\n")).toThrow(
    'src/a/one.js: cannot be bundled',
  );
});
