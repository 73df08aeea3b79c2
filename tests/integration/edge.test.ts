// Programs that run through a gateway: `headgate edge run` and `headgate sidecar`, with real processes and vendors' libraries.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { gateKey } from '../kit/gateway.ts';
import { root } from '../kit/program.ts';
import { useGateway } from '../kit/harness.ts';
import { type CommandRun, headgate as command } from '../kit/headgate-command.ts';
import { upstreamKeys } from '../kit/test-config.ts';
import { waitUntil } from '../kit/wait.ts';

const harness = useGateway();
let folder: string;

/** Asks both vendors by their own libraries, which read the environment alone. */
const APP = `
import OpenAI from 'openai';
import Anthropic from '@anthropic-ai/sdk';
const messages = [{ role: 'user', content: 'hi' }];
const chat = await new OpenAI().chat.completions.create({ model: process.argv[2] + '/ok', messages });
const stream = new Anthropic().messages.stream({ model: process.argv[3] + '/ok', max_tokens: 9, messages });
const message = await stream.finalMessage();
console.log(JSON.stringify({ chat: chat.object, message: message.type, key: process.env.OPENAI_API_KEY, url: process.env.OPENAI_BASE_URL, args: process.argv.slice(4) }));
process.exit(Number(process.env.APP_EXIT ?? 0));
`;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-edge-'));
  // Where it finds the packages.
  mkdirSync(path.join(root, '.cache'), { recursive: true });
  writeFileSync(path.join(root, '.cache', 'edge-app.mjs'), APP);
  writeFileSync(
    path.join(folder, 'wait.mjs'),
    `process.on('SIGTERM', () => process.exit(7)); console.log('up ' + process.env.HEADGATE_SIDECAR_URL); setInterval(() => {}, 1000);`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const headgate = (args: string[], env: Record<string, string> = {}): CommandRun => command(args, folder, env);

const app = (): string => path.join(root, '.cache', 'edge-app.mjs');

describe('edge run', () => {
  it('points a program at the gateway, hands its arguments on, and ends as it ends', async () => {
    const { code, out, err } = await headgate(
      ['edge', 'run', process.execPath, app(), 'oa', 'an', '--help', '-x'],
      { HEADGATE_EDGE_URL: `${harness.url}/v1/`, HEADGATE_EDGE_KEY: gateKey, APP_EXIT: '3' },
    ).ended;
    expect([code, err]).toEqual([3, '']);
    expect(JSON.parse(out)).toEqual({
      chat: 'chat.completion',
      message: 'message',
      key: gateKey,
      url: `${harness.url}/v1`,
      args: ['--help', '-x'],
    });
  });

  it('says what is missing, and what cannot be run', async () => {
    expect(await headgate(['edge', 'run', 'claude']).ended).toMatchObject({
      code: 2,
      err: expect.stringContaining('--gate') as string,
    });
    expect(await headgate(['edge']).ended).toMatchObject({ code: 2 });
    const gate = ['--gate', harness.url, '--gate-key', gateKey];
    expect(await headgate(['edge', 'run', ...gate, 'no-such-program']).ended).toMatchObject({ code: 127 });
  });
});

describe('edge setup, status and undo', () => {
  const home = (): Record<string, string> => ({ HOME: path.join(folder, 'home') });
  const settings = (): string => path.join(folder, 'home/.claude/settings.json');

  it('asks before it changes, shows what, tells where agents lead, and puts all back', async () => {
    mkdirSync(path.dirname(settings()), { recursive: true });
    writeFileSync(settings(), '{ "model": "opus" }');
    const gate = { ...home(), HEADGATE_EDGE_URL: harness.url, HEADGATE_EDGE_KEY: gateKey };
    // Nobody is at the terminal to be asked.
    const asked = await headgate(['edge', 'setup', 'claude'], gate).ended;
    expect(asked).toMatchObject({ code: 1, err: expect.stringContaining('--yes') as string });
    expect(asked.out).toContain(`+   "env": {`);
    expect(asked.out).not.toContain(gateKey);
    expect(readFileSync(settings(), 'utf8')).toBe('{ "model": "opus" }');
    expect(await headgate(['edge', 'setup', 'claude', 'gemini', '--yes'], gate).ended).toMatchObject({
      code: 0,
    });
    await vi.waitFor(async () => {
      const { out } = await headgate(['edge', 'status', '--json'], home()).ended;
      const status = JSON.parse(out) as { agents: { agent: string; setup: object }[]; gates: object };
      expect(status.agents.find(({ agent }) => agent === 'claude')?.setup).toMatchObject({
        gate: harness.url,
      });
      // A gate that stands still for seconds is told as not reached.
      expect(status.gates).toEqual({ [harness.url]: 'answers' });
    });
    expect(await headgate(['edge', 'undo', '--all', '--yes'], home()).ended).toMatchObject({ code: 0 });
    expect(readFileSync(settings(), 'utf8')).toBe('{ "model": "opus" }');
    expect((await headgate(['edge', 'status'], home()).ended).out).not.toContain(harness.url);
  });

  it('says what it does not know', async () => {
    expect(await headgate(['edge', 'undo', 'nobody', '--yes'], home()).ended).toMatchObject({
      code: 2,
      err: expect.stringContaining('opencode') as string,
    });
  });
});

describe('edge start', () => {
  it('is the gate on this machine, for vendors’ libraries too, until it is told to end', async () => {
    const env = {
      HOME: path.join(folder, 'device'),
      HEADGATE_EDGE_URL: harness.url,
      HEADGATE_EDGE_KEY: gateKey,
    };
    const run = headgate(['edge', 'start', '--port', '0'], env);
    await waitUntil(() => run.out().includes('→'), 'the edge', 30_000);
    const url = /edge: (\S+)/.exec(run.out())![1]!;
    const local = readFileSync(path.join(folder, 'device/.headgate/edge/local-key'), 'utf8');
    const { code, out } = await headgate(['edge', 'run', process.execPath, app(), 'oa', 'an'], {
      HEADGATE_EDGE_URL: url,
      HEADGATE_EDGE_KEY: local,
    }).ended;
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ chat: 'chat.completion', message: 'message' });
    expect(run.out()).not.toContain(gateKey);
    expect((await fetch(`${url}/v1/models`, { headers: { 'x-api-key': gateKey } })).status).toBe(401);
    process.kill(run.pid, 'SIGTERM');
    expect((await run.ended).code).toBe(0);
  });
});

describe('sidecar', () => {
  const config = (): string => {
    const file = path.join(folder, 'sidecar.json');
    const shared = { models: ['*'], retries: { max: 0 } };
    writeFileSync(
      file,
      JSON.stringify({
        providers: {
          oa: {
            dialect: 'openai-chat',
            baseUrl: harness.mock.openaiUrl,
            keys: [{ value: upstreamKeys.oa }],
            ...shared,
          },
          an: {
            dialect: 'anthropic',
            baseUrl: harness.mock.anthropicUrl,
            keys: [{ value: upstreamKeys.an }],
            ...shared,
          },
        },
      }),
    );
    return file;
  };

  it('runs a gateway for as long as the program runs, with a key of this run', async () => {
    const { code, out } = await headgate([
      'sidecar',
      '--config',
      config(),
      '--',
      process.execPath,
      app(),
      'oa',
      'an',
    ]).ended;
    expect(code).toBe(0);
    const said = JSON.parse(out) as { key: string; url: string };
    expect(said).toMatchObject({ chat: 'chat.completion', message: 'message' });
    expect(said.key).toMatch(/^hg-sidecar-/);
    expect(new URL(said.url).hostname).toBe('127.0.0.1');
    await expect(fetch(`${new URL(said.url).origin}/livez`)).rejects.toThrow();
    // The provider's key is the gateway's alone.
    expect(harness.mock.lastRequest().headers['x-api-key']).toBe(upstreamKeys.an);
  });

  it('hands signals on and ends with the program’s code', async () => {
    const run = headgate(['sidecar', '-c', config(), '--', process.execPath, path.join(folder, 'wait.mjs')]);
    await waitUntil(() => run.out().includes('up http'), 'the program', 30_000);
    const url = /up (\S+)/.exec(run.out())![1]!;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    process.kill(run.pid, 'SIGTERM');
    expect((await run.ended).code).toBe(7);
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
  });

  it('without a gateway there is no program', async () => {
    const file = path.join(folder, 'bad.json');
    writeFileSync(file, '{"providers":{"x":{}}}');
    const { code, out, err } = await headgate([
      'sidecar',
      '-c',
      file,
      '--',
      process.execPath,
      '-e',
      'console.log(1)',
    ]).ended;
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('providers.x');
  });
});
