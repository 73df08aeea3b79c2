// Gets Codex CLI from npm: a program of some hundred MB, so it is no dependency. Kept in .cache/peers, so that only the first run
// loads it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../kit/gateway.ts';
import { Unavailable } from './python.ts';

const PACKAGE = '@openai/codex@0.171.0';
const INSTALL_MS = 180_000;
const RUN_MS = 60_000;

/** @returns path of Codex' script, to be run by Node. @throws Unavailable */
export function prepareCodex(): string {
  const folder = path.join(root, '.cache/peers', PACKAGE.replace(/\W+/g, '-'));
  const script = path.join(folder, 'node_modules/@openai/codex/bin/codex.js');
  const done = path.join(folder, 'complete');
  if (existsSync(done)) return script;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"private":true}');
  const args = ['i', '--ignore-scripts', '--no-audit', '--no-fund', PACKAGE];
  const { status, stderr, error } = spawnSync('npm', args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: INSTALL_MS,
  });
  if (status !== 0)
    throw new Unavailable(`npm could not install ${PACKAGE} (${error?.message ?? stderr.trim()})`);
  writeFileSync(done, '');
  return script;
}

export interface CodexRun {
  status: number | null;
  /** All that it printed. */
  output: string;
}

/** One turn of `codex exec` in an empty folder. @param url of the gateway. @param model as the gateway knows it. */
export async function runCodex(
  script: string,
  { url, key, model, prompt }: { url: string; key: string; model: string; prompt: string },
): Promise<CodexRun> {
  const home = mkdtempSync(path.join(tmpdir(), 'codex-'));
  const work = path.join(home, 'work');
  mkdirSync(work);
  writeFileSync(
    path.join(home, 'config.toml'),
    `model_provider = "headgate"
approval_policy = "never"
sandbox_mode = "read-only"
[model_providers.headgate]
name = "Headgate"
base_url = "${url}/v1"
env_key = "HEADGATE_KEY"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0
`,
  );
  const args = [script, 'exec', '--skip-git-repo-check', '-m', model, prompt];
  const env = { ...process.env, CODEX_HOME: home, HEADGATE_KEY: key };
  const child = spawn(process.execPath, args, {
    cwd: work,
    env,
    timeout: RUN_MS,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  rmSync(home, { recursive: true, force: true });
  return { status, output };
}
