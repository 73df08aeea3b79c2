import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from './load.ts';
import { ConfigError } from './problem.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-plugins-'));
  writeFileSync(join(folder, 'mine.ts'), 'export default {}');
  mkdirSync(join(folder, 'node_modules/@acme/plug/lib'), { recursive: true });
  const exports = { '.': { import: './lib/main.js' } };
  writeFileSync(
    join(folder, 'node_modules/@acme/plug/package.json'),
    JSON.stringify({ name: '@acme/plug', exports }),
  );
  writeFileSync(join(folder, 'node_modules/@acme/plug/lib/main.js'), 'export default {}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (...plugins: object[]) => {
  const providers = { local: { dialect: 'openai-chat', baseUrl: 'http://h/v1' } };
  writeFileSync(join(folder, 'headgate.yaml'), JSON.stringify({ providers, plugins }));
  return loadConfig({ env: {}, cwd: folder, cores: 1 }).config.plugins;
};
const problems = (...plugins: object[]): string => {
  try {
    load(...plugins);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join('\n');
    throw error;
  }
  return '';
};

describe('plugins of a configuration', () => {
  it('are modules beside it, packages there, or servers', () => {
    expect(
      load(
        { name: 'a', path: 'mine.ts', options: { x: 1 }, when: { keys: ['k'] }, headers: ['X-A'] },
        { name: 'b', package: '@acme/plug', thread: true, memoryMb: 64 },
        { name: 'c', url: 'https://h/hooks', hooks: ['onRequest'], onError: 'closed' },
        { name: 'd', url: 'grpc://h:50051' },
      ),
    ).toMatchObject([
      {
        mode: 'process',
        module: join(folder, 'mine.ts'),
        options: { x: 1 },
        when: { keys: ['k'] },
        headers: ['x-a'],
        onError: 'open',
      },
      { mode: 'thread', module: join(folder, 'node_modules/@acme/plug/lib/main.js'), memoryMb: 64 },
      { mode: 'http', module: null, hooks: ['onRequest'], onError: 'closed' },
      { mode: 'grpc', url: 'grpc://h:50051', hooks: null },
    ]);
  });

  it('are other ones when their file was written since', () => {
    const [before] = load({ name: 'a', path: 'mine.ts' })!;
    utimesSync(join(folder, 'mine.ts'), 1, 1);
    const [after] = load({ name: 'a', path: 'mine.ts' })!;
    expect(after!.print).not.toBe(before!.print);
  });

  it.each<[object, string]>([
    [{ name: 'a' }, 'state one of `path`, `package` and `url`'],
    [{ name: 'a', path: 'mine.ts', url: 'http://h' }, 'state one of'],
    [{ name: 'a', path: 'none.ts' }, 'there is no such file'],
    [{ name: 'a', path: '.' }, 'there is no such file'],
    [{ name: 'a', package: 'none' }, 'there is no such package'],
    [{ name: 'a', package: '../mine.ts' }, 'the name of a package'],
    [{ name: 'a', url: 'ftp://h' }, 'an address that begins with'],
    [{ name: 'a', url: 'http://h', thread: true }, 'runs elsewhere'],
    [{ name: 'a', path: 'mine.ts', hooks: ['onDream'] }, 'onDelta'],
    [{ name: 'a', path: 'mine.ts', options: [1] }, 'a mapping is expected'],
    [{ name: 'a', path: 'mine.ts', headers: ['Authorization'] }, 'holds a credential'],
    [{ name: 'a', path: 'mine.ts', when: { operations: ['chatt'] } }, 'did you mean `chat`'],
    [{ name: 'a', url: 'https://h', ca: 'no pem' }, 'PEM'],
  ])('are refused with what is wrong: %j', (plugin, said) => {
    expect(problems(plugin)).toContain(said);
  });

  it('have names of their own', () => {
    expect(problems({ name: 'a', path: 'mine.ts' }, { name: 'a', url: 'http://h' })).toContain(
      'two plugins are called `a`',
    );
  });
});
