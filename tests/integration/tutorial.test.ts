// The tutorial, as somebody follows it: its files are written, its commands run, in its order. What it starts by a script is started as tests
// start it; providers are mocks at the addresses that their variables name.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it, vi } from 'vitest';
import { type GatewayProcess, startGateway } from '../kit/gateway.ts';
import { PROGRAM, root } from '../kit/program.ts';
import { type MockUpstream, startMock } from '../kit/mock-upstream.ts';
import { waitUntil } from '../kit/wait.ts';

const page = readFileSync(path.join(root, 'docs/tutorial.md'), 'utf8');
const parts = page.split(/^## \d+\. /m).slice(1);
const fenced = (part: number, language: string): string[] =>
  [...parts[part - 1]!.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    (match) => match[1]!,
  );

let gateway: GatewayProcess | undefined;
let mock: MockUpstream | undefined;
afterEach(async () => {
  await gateway?.stop();
  await mock?.close();
});

/** As a shell runs it; a status of 400 or more fails. */
async function run(command: string, env: Record<string, string> = {}): Promise<string> {
  const here = command
    .replaceAll('http://127.0.0.1:8080', gateway!.url)
    .replace(/\bcurl /g, 'curl -sSf --max-time 30 ')
    .replaceAll('scripts/headgate', `"${process.execPath}" "${PROGRAM}"`);
  const { stdout } = await promisify(execFile)('sh', ['-ec', here], {
    cwd: gateway!.configFile === '' ? tmpdir() : path.dirname(gateway!.configFile),
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

it('without any key the demo answers, in both shapes', async () => {
  gateway = await startGateway();
  const [start, ...calls] = fenced(1, 'sh');
  expect(start).toBe('scripts/start\n');
  expect(calls).toHaveLength(2);
  for (const call of calls) expect(await run(call)).toMatch(/"role":"assistant"/);
});

it('with two providers, a name of one’s own, a limit and a budget', async () => {
  mock = await startMock();
  const [keys, call] = fenced(2, 'sh');
  const lines = keys!.trim().split('\n');
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['export', 'scripts/headgate', 'scripts/start']);
  const secrets = {
    GATE_KEY: 'a-key-of-the-tutorial-0123456789abcdef',
    OPENAI_API_KEY: 'sk-tutorial-0001',
    ANTHROPIC_API_KEY: 'sk-ant-tutorial-0002',
    HEADGATE_OPENAI_BASE_URL: mock.openaiUrl,
    HEADGATE_ANTHROPIC_BASE_URL: mock.anthropicUrl,
  };
  let [file] = fenced(2, 'yaml');
  gateway = await startGateway({ config: file!, env: secrets });
  // As it stands in the page, with a key that openssl makes.
  expect(await run(`${lines[0]}\n${lines[1]}`)).toContain('anthropic');
  expect(await run(call!, secrets)).toMatch(/"role":"assistant"/);
  file += fenced(3, 'yaml')[0]!;
  gateway.writeConfig(file!);
  const fast = call!.replace('openai/gpt-4o-mini', 'fast');
  await waitUntil(
    () =>
      run(fast, secrets).then(
        () => true,
        () => false,
      ),
    'the saved file',
    20_000,
  );
  file += fenced(4, 'yaml')[0]!;
  gateway.writeConfig(file!);
  // Whoever is limited is told how far they are.
  const limited = fast.replace('curl ', 'curl -i ');
  await waitUntil(async () => /^x-ratelimit-/im.test(await run(limited, secrets)), 'the limit', 20_000);
  expect(await run(fast, secrets)).toMatch(/"role":"assistant"/);
  await vi.waitFor(async () => {
    const metrics = await run(fenced(6, 'sh')[0]!);
    for (const [name] of parts[5]!.matchAll(/headgate_[a-z_]+/g)) expect(metrics).toContain(name);
  });
});
