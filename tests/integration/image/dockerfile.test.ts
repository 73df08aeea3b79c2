import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../../kit/program.ts';
import { freePort } from '../../kit/port.ts';
import { waitUntil } from '../../kit/wait.ts';

// There is no container engine where tests run, so the Dockerfile's own steps are run in empty folders: one folder a
// stage, COPY and RUN as written, and then ENTRYPOINT and CMD. Steps that change the system (apt-get) are left out.

interface Step {
  stage: string;
  word: string;
  rest: string;
}

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function steps(): Step[] {
  const text = readFileSync(path.join(root, 'Dockerfile'), 'utf8').replace(/\\\n\s*/g, ' ');
  let stage = '';
  const found: Step[] = [];
  for (const line of text.split('\n')) {
    const match = /^([A-Z]+)\s+(.*)$/.exec(line);
    if (match === null) continue;
    const [, word, rest] = match as unknown as [string, string, string];
    if (word === 'FROM') stage = / AS (\w+)$/.exec(rest)?.[1] ?? 'final';
    found.push({ stage, word, rest });
  }
  return found;
}

/** `/app/dist` of a stage as a path on this machine. */
function inStage(stage: string, file: string): string {
  return path.join(folder, stage, path.posix.resolve('/app', file));
}

function copy(step: Step): void {
  const words = step.rest.split(/\s+/);
  const from = words[0]?.startsWith('--from=') ? words.shift()!.slice('--from='.length) : null;
  const to = words.pop()!;
  for (const source of words) {
    const begin = from === null ? path.join(root, source) : inStage(from, source);
    const end = inStage(step.stage, to.endsWith('/') ? path.posix.join(to, path.basename(source)) : to);
    cpSync(begin, end, { recursive: true, verbatimSymlinks: true });
  }
}

test('the steps of the Dockerfile make an image that serves, and needs nothing but what it copies', async () => {
  const env: Record<string, string> = {};
  let entry: string[] = [];
  for (const step of steps()) {
    mkdirSync(inStage(step.stage, '.'), { recursive: true });
    if (step.word === 'COPY') copy(step);
    else if (step.word === 'ENV') {
      for (const pair of step.rest.split(/\s+/)) env[pair.split('=')[0]!] = pair.split('=')[1]!;
    } else if (step.word === 'ENTRYPOINT' || step.word === 'CMD') {
      entry = [...entry, ...(JSON.parse(step.rest) as string[])];
    } else if (step.word === 'RUN' && !step.rest.includes('apt-get')) {
      const ran = spawnSync('sh', ['-c', step.rest], {
        cwd: inStage(step.stage, '.'),
        stdio: 'pipe',
        env: { ...process.env, NODE_ENV: '' },
      });
      expect(ran.status, `RUN ${step.rest}\n${ran.stdout}${ran.stderr}`).toBe(0);
    }
  }
  expect(existsSync(inStage('final', 'node_modules/typescript'))).toBe(false);
  // The first words start the init, which is the system's; the rest is ours.
  const command = entry.slice(entry.indexOf('--') + 1);
  expect(command[0]).toBe('node');
  const port = await freePort();
  const child = spawn(process.execPath, command.slice(1), {
    cwd: inStage('final', '.'),
    env: {
      PATH: process.env['PATH'],
      ...env,
      HEADGATE_PORT: String(port),
      HEADGATE_WORKERS: '1',
      HEADGATE_DATA_DIR: inStage('final', 'data'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
  try {
    await waitUntil(
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended: ${output}`);
        return (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.ok === true;
      },
      'readiness',
      20_000,
    );
    const answer = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'demo', messages: [{ role: 'user', content: 'hi' }] }),
    });
    expect(answer.status).toBe(200);
    // The pool's thread runs from dist as well: a body above the offload threshold goes through it.
    const large = await fetch(`http://127.0.0.1:${port}/v1/messages`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'demo',
        max_tokens: 5,
        messages: [{ role: 'user', content: 'x'.repeat(200_000) }],
      }),
    });
    expect(large.status).toBe(200);
  } finally {
    child.kill('SIGTERM');
  }
  expect(await once(child, 'exit')).toEqual([0, null]);
}, 600_000);

test('the health check of the Dockerfile tells a ready gateway from none', async () => {
  const line = steps().find((step) => step.word === 'HEALTHCHECK')!;
  const command = JSON.parse(line.rest.slice(line.rest.indexOf('['))) as string[];
  expect(command[0]).toBe('node');
  const port = await freePort();
  expect(() =>
    execFileSync(process.execPath, command.slice(1), { env: { HEADGATE_PORT: String(port) }, stdio: 'pipe' }),
  ).toThrow();
});

test('the folder of the store is there and is of the user who runs, so that a volume over it can be written to', () => {
  const all = steps().filter(({ stage }) => stage === 'final');
  const at = (word: string): number => all.findIndex((step) => step.word === word);
  const user = all[at('USER')]!.rest;
  const place = /HEADGATE_DATA_DIR=(\S+)/.exec(all[at('ENV')]!.rest)?.[1];
  expect(all[at('VOLUME')]?.rest).toBe(place);
  const made = all.findIndex(({ word, rest }) => word === 'RUN' && rest.includes(`install -d -o ${user}`));
  expect(all[made]?.rest.endsWith(` ${place}`)).toBe(true);
  expect(made).toBeLessThan(at('USER'));
  const compose = readFileSync(path.join(root, 'deploy/compose/compose.yaml'), 'utf8');
  expect(compose).toContain(`volumes: ["data:${place}"]`);
});

test('what .dockerignore keeps out of a build is nothing that the build copies', () => {
  const sources = steps()
    .filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from='))
    .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
  expect(sources.length).toBeGreaterThan(10);
  const kept = execFileSync('git', ['ls-files', '-ci', '-X', '.dockerignore', '--', ...sources], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(kept).toBe('');
});
