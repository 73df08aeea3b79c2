// `headgate sidecar`: one process beside a program, how much memory it has, and how it follows its configuration. What it does for the
// program is tried in edge.test.ts.
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ChildProcess, spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtProgram } from '../kit/built.ts';
import { waitUntil } from '../kit/wait.ts';

const MB = 1024;
/**
 * Idle it has 18 MB of its own and 48 of files, Node’s above all, in 60 MB (docs/performance.md). How much of the files counts depends on
 * who else runs them, so each half is bounded for itself.
 */
const MOST_OWN_KB = 24 * MB;
const MOST_OF_FILES_KB = 54 * MB;
/** Of Node's file by what optimises: its timers alone are hot after half a minute (5 MB, measured). No page of a file is given back. */
const OPTIMISER_KB = 8 * MB;

let folder: string;
let file: string;
let sidecar: ChildProcess;
let url: string;
let key: string;

/** It looks at the sidecar as soon as it is started by it: what that has run by then is its start, however slow the test is. */
const PROGRAM = `
import { existsSync, readFileSync } from 'node:fs';
const rollup = '/proc/' + process.ppid + '/smaps_rollup';
const memory = existsSync(rollup) ? readFileSync(rollup, 'utf8') : '';
process.on('SIGTERM', () => process.exit(9));
console.log(JSON.stringify({ memory, url: process.env.HEADGATE_SIDECAR_URL, key: process.env.OPENAI_API_KEY, ours: Object.keys(process.env).filter((name) => /^(MALLOC|HEADGATE)_/.test(name)) }));
setInterval(() => {}, 1000);
`;

const config = (...names: string[]): string => JSON.stringify(providers(...names));
const providers = (...names: string[]): { providers: object } => ({
  providers: Object.fromEntries(
    names.map((name) => [
      name,
      { dialect: 'openai-chat', baseUrl: 'http://127.0.0.1:9', keys: ['sk-none'], models: ['m'] },
    ]),
  ),
});

function begin(config: string, own: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const words = [...own, '-c', config, '--', process.execPath, path.join(folder, 'program.mjs')];
  return spawn(process.execPath, [built, 'sidecar', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
  });
}

let built: string;
let said: { memory: string; url: string; key: string; ours: string[] };

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-sidecar-'));
  file = path.join(folder, 'headgate.json');
  writeFileSync(file, config('one'));
  writeFileSync(path.join(folder, 'program.mjs'), PROGRAM);
  built = builtProgram();
  sidecar = begin(file, []);
  sidecar.stderr!.pipe(process.stderr);
  let out = '';
  sidecar.stdout!.on('data', (piece: Buffer) => (out += piece.toString()));
  await waitUntil(() => out.includes('\n'), 'the program', 30_000);
  said = JSON.parse(out) as typeof said;
  ({ url, key } = said);
});
afterAll(async () => {
  if (sidecar.exitCode === null && sidecar.signalCode === null) {
    sidecar.kill('SIGKILL');
    await once(sidecar, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** @param text of a process's smaps_rollup */
function memoryIn(text: string): { own: number; files: number } {
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)![1]);
  const own = field('Pss_Anon');
  return { own, files: field('Rss') - own };
}

const models = async (): Promise<string[]> => {
  const answer = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  return ((await answer.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
};

describe('a sidecar', () => {
  it.skipIf(!existsSync('/proc/self/smaps_rollup'))('is one process, and a small one', async () => {
    const children = readdirSync(`/proc/${sidecar.pid}/task`)
      .map((task) => readFileSync(`/proc/${sidecar.pid}/task/${task}/children`, 'utf8').trim())
      .filter((pids) => pids !== '');
    expect(children.join(' ').split(' ')).toHaveLength(1);
    expect(memoryIn(said.memory).files).toBeLessThan(MOST_OF_FILES_KB);
    // Its own once what the start left behind is collected.
    let now = memoryIn(said.memory);
    const small = (): boolean => {
      now = memoryIn(readFileSync(`/proc/${sidecar.pid}/smaps_rollup`, 'utf8'));
      return now.own < MOST_OWN_KB;
    };
    await waitUntil(small, 'a small process', 30_000, 200).catch(() => undefined);
    expect(now.own).toBeLessThan(MOST_OWN_KB);
    expect(now.files).toBeLessThan(MOST_OF_FILES_KB + OPTIMISER_KB);
  });

  it('leaves the program its own environment', () => {
    expect(said.ours).toEqual(['HEADGATE_SIDECAR_URL']);
  });

  it('follows its file, and stays with what it had when that is wrong', async () => {
    expect(await models()).toEqual(['one/m']);
    writeFileSync(file, '{"providers":{"x":{}}}');
    writeFileSync(file, config('one', 'two'));
    await waitUntil(async () => (await models()).length === 2, 'the new configuration', 30_000, 100);
    const rejected = async (): Promise<number> => {
      const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
      return Number(/config_reloads_total\{[^}]*rejected[^}]*\} (\d+)/.exec(await metrics.text())?.[1] ?? 0);
    };
    // The wrong one of before may have been read, or not.
    const before = await rejected();
    writeFileSync(file, '{"providers":{"x":{}}}');
    await waitUntil(async () => (await rejected()) > before, 'the refusal', 30_000, 100);
    expect(await models()).toEqual(['one/m', 'two/m']);
  });

  it('ends as its program ends', async () => {
    const ended = once(sidecar, 'exit');
    sidecar.kill('SIGTERM');
    expect(await ended).toEqual([9, null]);
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });
});

describe('before its program runs', () => {
  const beside = (name: string, more: object): string => {
    const place = path.join(folder, name);
    writeFileSync(place, JSON.stringify({ ...providers('one'), ...more }));
    return place;
  };

  it('a signal ends it', async () => {
    // Accepts, and says nothing: the start waits for it.
    const redis = createServer();
    redis.listen(0, '127.0.0.1');
    await once(redis, 'listening');
    const { port } = redis.address() as AddressInfo;
    const asked = once(redis, 'connection');
    const waiting = begin(
      beside('waits.json', { redis: { url: `redis://127.0.0.1:${port}`, timeoutMs: 20_000 } }),
      [],
    );
    const ended = once(waiting, 'exit');
    try {
      await asked;
      waiting.kill('SIGTERM');
      expect(await ended).toEqual([143, null]);
    } finally {
      waiting.kill('SIGKILL');
      redis.close();
    }
  });

  it('what keeps it from listening is said', async () => {
    const socket = path.join(folder, 'no-such-folder', 'gate.sock');
    const failing = begin(beside('nowhere.json', { server: { listeners: [{ unix: socket }] } }), []);
    let err = '';
    failing.stderr!.on('data', (piece: Buffer) => (err += piece.toString()));
    try {
      const [code] = await once(failing, 'close');
      expect([code, err]).toEqual([1, expect.stringContaining(`headgate: cannot listen on ${socket}`)]);
    } finally {
      failing.kill('SIGKILL');
    }
  });
});

it('leaves its program’s stdout to it, with the administration on, too', async () => {
  const env = { HEADGATE_ADMIN: 'on', HEADGATE_DATA_DIR: path.join(folder, 'data') };
  const own = path.join(folder, 'administered.json');
  writeFileSync(own, config('one'));
  const administered = begin(own, [], env);
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    administered[name]!.on('data', (piece: Buffer) => (text[name] += piece.toString()));
  const closed = once(administered, 'close');
  try {
    await waitUntil(() => /set-up token/.test(text.stdout + text.stderr), 'the set-up token', 30_000);
    administered.kill('SIGTERM');
    await closed;
    expect(text.stderr).toContain('set-up token');
    expect(
      text.stdout
        .trim()
        .split('\n')
        .map((line) => Object.keys(JSON.parse(line))),
    ).toEqual([['memory', 'url', 'key', 'ours']]);
  } finally {
    administered.kill('SIGKILL');
  }
});
