// The package as people get it: packed twice it is the same to the byte, and a machine with Node and npm alone runs it.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSite } from '../../../scripts/docs/site.ts';
import { sbom } from '../../../scripts/sbom.ts';
import { buildSingleFile } from '../../../scripts/single-file.ts';
import { root } from '../../kit/program.ts';
import { freePort } from '../../kit/port.ts';
import { waitUntil } from '../../kit/wait.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-package-'));
let tarball: string;
afterAll(() => rmSync(folder, { recursive: true, force: true }), 120_000);

/** What `prepack` builds, in a folder of its own: nothing of this checkout's dist counts. @returns the tarball */
function pack(name: string): string {
  const place = path.join(folder, name);
  mkdirSync(place);
  for (const file of ['package.json', 'README.md', 'CHANGELOG.md', 'docs', 'ui/dist'])
    cpSync(path.join(root, file), path.join(place, file), { recursive: true });
  execFileSync(process.execPath, [
    path.join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    path.join(root, 'tsconfig.build.json'),
    '--outDir',
    path.join(place, 'dist'),
  ]);
  execFileSync(process.execPath, [path.join(root, 'scripts/small-bundle.ts'), path.join(place, 'dist')]);
  buildSite(path.join(root, 'docs'), path.join(place, 'docs/dist'));
  writeFileSync(path.join(place, 'dist/sbom.cdx.json'), sbom());
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent'], { cwd: place });
  const { version } = JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8')) as {
    version: string;
  };
  return path.join(place, `headgate-${version}.tgz`);
}

const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

beforeAll(() => {
  tarball = pack('one');
}, 120_000);

test('is the same to the byte when it is built and packed once more', () => {
  expect(digest(pack('two'))).toBe(digest(tarball));
}, 120_000);

test('has its page, its documentation, its prices and its list of parts inside', () => {
  const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n');
  for (const file of [
    'dist/cluster/cli.js',
    'dist/src/prices/builtin.json',
    'dist/sbom.cdx.json',
    'ui/dist/index.html',
    'docs/dist/index.html',
    'README.md',
  ])
    expect(files).toContain(`package/${file}`);
  expect(files.filter((file) => /\.(test|fixture)\.|node_modules|\.env$/.test(file))).toEqual([]);
});

test('is installed by the script where there is only Node and npm, and answers', async () => {
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
  symlinkSync(process.execPath, path.join(bin, 'node'));
  symlinkSync(npm, path.join(bin, 'npm'));
  symlinkSync(path.join(path.dirname(npm), 'npx'), path.join(bin, 'npx'));
  const home = path.join(folder, 'home');
  mkdirSync(home);
  const env = bare(home);
  const script = path.join(root, 'deploy/install/install.sh');
  execFileSync('sh', [script, tarball], { cwd: home, env, stdio: 'pipe' });
  await serves(path.join(home, '.local/bin/headgate'), [], env);
}, 180_000);

test('is run by npx from the tarball, with nothing installed', async () => {
  const home = path.join(folder, 'npx-home');
  mkdirSync(home);
  const npx = ['--yes', '--ignore-scripts', `--package=${tarball}`, 'headgate'];
  await serves('npx', npx, { ...bare(home), npm_config_prefer_offline: 'true' });
}, 240_000);

test('is one executable that needs nothing, unpacks itself once, and serves', async () => {
  const home = path.join(folder, 'single-home');
  mkdirSync(home);
  const out = path.join(folder, 'headgate');
  // What the script has installed: the package and what it needs.
  await buildSingleFile({ installed: path.join(folder, 'home/.local/lib/headgate'), out });
  const env = { HOME: home, PATH: '/nonexistent' };
  expect(execFileSync(out, ['version'], { env, cwd: home, encoding: 'utf8' })).toMatch(/^headgate \d/);
  const [unpacked] = readdirSync(path.join(home, '.cache/headgate'));
  expect(unpacked).toMatch(/^app-[0-9a-f]{16}$/);
  await serves(out, [], env);
  expect(readdirSync(path.join(home, '.cache/headgate'))).toEqual([unpacked]);
  // Others could write there: what lies there is not run.
  chmodSync(path.join(home, '.cache/headgate'), 0o777);
  expect(() => execFileSync(out, ['version'], { env, cwd: home, stdio: 'pipe' })).toThrow(/not used/);
}, 240_000);

/** How this machine reaches its registry, Node and npm, and nothing else of it. */
function bare(home: string): Record<string, string> {
  const bin = path.join(folder, 'bin');
  const { NODE_EXTRA_CA_CERTS } = process.env;
  return {
    PATH: `${bin}:/usr/bin:/bin`,
    HOME: home,
    npm_config_cache: npmSays('cache'),
    npm_config_registry: npmSays('registry'),
    ...(NODE_EXTRA_CA_CERTS === undefined ? {} : { NODE_EXTRA_CA_CERTS }),
  };
}

async function serves(program: string, args: string[], env: Record<string, string>): Promise<void> {
  const port = await freePort();
  const child = spawn(program, [...args, 'start', '--port', String(port)], {
    cwd: env['HOME'],
    env: { ...env, HEADGATE_WORKERS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // As a terminal has it: npx is not the gateway, and Ctrl-C is heard by both.
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  // Nobody writes any more: the gateway is gone, too.
  const ended = once(child, 'close');
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitUntil(
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended: ${output}`);
        return (await fetch(`${url}/readyz`).catch(() => null))?.ok === true;
      },
      'readiness',
      // npx installs first.
      120_000,
    );
    const ask = (text: string): Promise<Response> =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: text }] }),
      });
    expect((await ask('hi')).status).toBe(200);
    // By a thread.
    expect((await ask('x'.repeat(300_000))).status).toBe(200);
    await waitUntil(async () => (await fetch(`${url}/api/openapi.json`)).ok, 'the administration', 60_000);
    expect(await (await fetch(`${url}/ui/`)).text()).toContain('<title>');
    expect(await (await fetch(`${url}/docs/`)).text()).toContain('<title>');
  } finally {
    process.kill(-child.pid!, 'SIGTERM');
  }
  const [code] = await ended;
  if (program !== 'npx') expect(code).toBe(0);
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
}

/** This machine's: what was fetched once is not fetched again, and from where it is fetched here. */
function npmSays(name: 'cache' | 'registry'): string {
  return execFileSync('npm', ['config', 'get', name], { encoding: 'utf8' }).trim();
}
