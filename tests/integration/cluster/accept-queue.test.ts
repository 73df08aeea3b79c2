// faults.md P04: what becomes of connections that nobody has accepted when their listener goes. The kernel decides by
// net.ipv4.tcp_migrate_req, which is a setting of the network namespace: each case runs in one of its own.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** Why no namespace can be had here; '' = it can. */
function obstacle(): string {
  if (process.platform !== 'linux') return 'not Linux';
  const setting = '/proc/sys/net/ipv4/tcp_migrate_req';
  const tried = spawnSync('unshare', ['-n', 'sh', '-c', `ip link set lo up && echo 1 > ${setting}`]);
  if (tried.error !== undefined) return 'no unshare';
  return tried.status === 0 ? '' : `unshare -n: ${tried.stderr.toString().trim() || 'not permitted'}`;
}

const missing = obstacle();

interface Outcome {
  ok: number;
  lost: number;
  failures?: string[];
  gauge: string;
  warned: boolean;
}

async function run(what: 'kill' | 'roll', migrate: 0 | 1): Promise<Outcome> {
  const fixture = path.join(import.meta.dirname, 'accept-queue.fixture.ts');
  const script = `ip link set lo up && exec "$0" "$@"`;
  const child = spawn(
    'unshare',
    ['-n', 'sh', '-c', script, process.execPath, fixture, what, String(migrate)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  let errors = '';
  child.stdout.on('data', (piece: Buffer) => (output += piece));
  child.stderr.on('data', (piece: Buffer) => (errors += piece));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the fixture failed:\n${errors}`);
  return JSON.parse(output.trim().split('\n').at(-1)!) as Outcome;
}

const why = missing === '' ? '' : ` [skipped: ${missing}]`;

describe.skipIf(missing !== '')(`P04: connections that nobody has accepted${why}`, () => {
  it('are all answered by the other worker with tcp_migrate_req=1 when theirs is killed', async () => {
    expect(await run('kill', 1)).toEqual({ ok: 200, lost: 0, gauge: '1', warned: false });
  });

  it('are lost with the setting off, which the gateway says at start and as a metric', async () => {
    const outcome = await run('kill', 0);
    expect(outcome.lost).toBeGreaterThan(0);
    expect(outcome).toMatchObject({ gauge: '0', warned: true });
  });

  it('are never lost in a rolling restart under new connections with tcp_migrate_req=1', async () => {
    const outcome = await run('roll', 1);
    expect(outcome.failures).toEqual([]);
    expect(outcome.ok).toBeGreaterThan(100);
  });
});
