import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { loadModule } from '../../src/plugins/load-module.ts';
import { runPluginCommand } from './plugin-command.ts';
import { UsageError } from './usage.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-plugin-new-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('makes a plugin that a gateway takes, with a test that passes', async () => {
  const said = runPluginCommand(['new', 'my-plugin'], folder);
  expect(said).toContain('path: my-plugin/my-plugin.ts');
  const module = path.join(folder, 'my-plugin', 'my-plugin.ts');
  const lines: string[] = [];
  const loaded = await loadModule(
    { module, print: '', name: 'p', options: {} },
    (line) => void lines.push(line),
  );
  expect(loaded.names).toEqual(['onRequest']);
  expect(lines).toEqual(['calls of research are labelled']);
  const test = path.join(folder, 'my-plugin', 'my-plugin.test.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', test], {
    // Ours is no child of another test runner.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NODE_OPTIONS: '' },
  });
  expect(stdout).toContain('# pass 2');
});

it('overwrites nothing, and takes no name that is none', () => {
  expect(() => runPluginCommand(['new', 'my-plugin'], folder)).toThrow('exists already');
  for (const args of [[], ['old', 'x'], ['new'], ['new', 'a', 'b'], ['new', '../x'], ['new', 'A B']])
    expect(() => runPluginCommand(args, folder), args.join(' ')).toThrow(UsageError);
});
