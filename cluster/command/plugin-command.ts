// `headgate plugin new NAME`: a folder with a plugin that works, its test, and what to write into the configuration.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from './usage.ts';

/** @param args behind `plugin`. @returns the text to print. @throws UsageError, or Error in words for people. */
export function runPluginCommand(args: readonly string[], cwd: string): string {
  const [verb, name, ...rest] = args;
  if (verb !== 'new') throw new UsageError('`plugin` needs a verb: new');
  if (name === undefined || rest.length > 0) throw new UsageError('`plugin new` needs one name');
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name))
    throw new UsageError(`\`${name}\` is no name of a plugin: small letters, digits and \`-\``);
  const folder = path.join(cwd, name);
  if (existsSync(folder)) throw new Error(`${name} exists already`);
  mkdirSync(folder);
  writeFileSync(path.join(folder, `${name}.ts`), pluginSource());
  writeFileSync(path.join(folder, `${name}.test.ts`), testSource(name));
  return `Made ${name}/${name}.ts and its test. Try it:

  node --test ${name}/${name}.test.ts

and write into the configuration:

  plugins:
    - name: ${name}
      path: ${name}/${name}.ts
      options: { team: research }

Hooks, and what they may do: docs/plugins.md.
`;
}

function pluginSource(): string {
  return `// Calls of one team get a label that later plugins and the provider see. Make of it what you need.
import type { Plugin } from 'headgate/plugin';

export default {
  apiVersion: 1,
  create({ team = 'research' }, { log }) {
    log(\`calls of \${team} are labelled\`);
    return {
      onRequest({ call }) {
        if (call.team !== team) return undefined;
        return { metadata: { label: String(team) }, headers: { 'x-label': String(team) } };
      },
    };
  },
} satisfies Plugin;
`;
}

function testSource(name: string): string {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import plugin from './${name}.ts';

const hooks = plugin.create({ team: 'red' }, { name: '${name}', log() {} });
const event = (team: string) => ({ call: { team }, headers: {}, body: null }) as never;

test('calls of the team get their label', () => {
  assert.deepEqual(hooks.onRequest(event('red')), { metadata: { label: 'red' }, headers: { 'x-label': 'red' } });
});

test('other calls are left alone', () => {
  assert.equal(hooks.onRequest(event('blue')), undefined);
});
`;
}
