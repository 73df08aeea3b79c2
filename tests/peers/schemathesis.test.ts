// The admin API of a running gateway under schemathesis (PyPI), which makes calls out of /api/openapi.json by itself: no answer is
// a 500, and each is what the document says. So many examples that it ends in time, from one seed.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AdminClient, openAdmin } from '../kit/admin.ts';
import { type GatewayProcess, gateKey, startGateway } from '../kit/gateway.ts';
import { pythonFor } from './python.ts';

const requirements = path.join(import.meta.dirname, 'schemathesis/requirements.txt');
const SEED = '20261129';
const EXAMPLES = '2';

let gateway: GatewayProcess;
let admin: AdminClient;

beforeAll(async () => {
  gateway = await startGateway({
    admin: true,
    config: { auth: { keys: [{ name: 'app', value: gateKey }] } },
    env: { HEADGATE_LITELLM_API: 'on' },
  });
  admin = await openAdmin(gateway);
});
afterAll(() => gateway?.stop());

/** In a folder of its own: it keeps what it found for the next run, which is to find the same. */
async function run(
  python: string,
  args: readonly string[],
): Promise<{ status: number | null; output: string }> {
  const cwd = mkdtempSync(path.join(tmpdir(), 'headgate-schemathesis-'));
  try {
    return await new Promise((resolve, reject) => {
      const child = spawn(path.join(path.dirname(python), 'st'), ['run', ...args], {
        cwd,
        env: { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1', NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      const keep = (piece: Buffer): void => void (output += piece.toString());
      child.stdout.on('data', keep);
      child.stderr.on('data', keep);
      child.once('error', reject);
      child.once('close', (status) => resolve({ status, output }));
    });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

test('schemathesis finds no 500, and nothing that the document does not say', async (context) => {
  const python = pythonFor(context, requirements);
  const { status, output } = await run(python, [
    `${gateway.url}/api/openapi.json`,
    '--header',
    `Authorization: Bearer ${admin.token}`,
    '--seed',
    SEED,
    '--max-examples',
    EXAMPLES,
    '--generation-database',
    'none',
    '--phases',
    'fuzzing',
    '--checks',
    'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance',
    // Answers without end; and what would end the token that everything here is done with.
    '--exclude-path-regex',
    '/stream$|/backup$|^/api/(admins|tokens|session|logout|setup)',
    '--max-failures',
    '50',
    '--continue-on-failure',
    // A machine that stands still is no finding.
    '--request-timeout',
    '90',
    '--suppress-health-check',
    'too_slow',
    '--no-color',
    '--warnings',
    'off',
    '--workers',
    '2',
  ]);
  expect({ status, output: status === 0 ? '' : output.slice(-20_000) }).toEqual({ status: 0, output: '' });
  expect(Number(/(\d+) generated/.exec(output)?.[1] ?? 0)).toBeGreaterThan(150);
  // It is the same gateway, and the token is still good.
  expect((await admin.get('/api/session')).status).toBe(200);
});
