// A gateway with a year of calls in its log (log-rows.ts made it) at 500 calls a second, each a row: what the page's questions take
// meanwhile, and the p99 of the calls beside that of a gateway without a log.
// Run: scripts/node node bench/log-live.ts [folder of log-rows.ts] [seconds of a round, 8] [rounds, 3]
// HEADGATE_BENCH_HEADGATE names a build (dist/cluster/cli.js), as in bench/README.md.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../gatehouse/keep/open-store.ts';
import type { AdminConfig } from '../src/contracts/admin.ts';
import { credentialHash, issueCredential } from '../src/governance/virtual-key.ts';
import type { RunningPeer } from './contract.ts';
import { generate } from './load/generator.ts';
import type { Unary } from './load/unary-run.ts';
import { startMock } from './mock/mock.ts';
import { startHeadgate } from './peers/headgate.ts';
import { stop, stopAll } from './processes.ts';

const [folder = '/tmp/headgate-log-rows', seconds = '8', rounds = '3'] = process.argv.slice(2);
const CORES = { gateway: [0], load: 1 } as const;
const PER_SECOND = 500;
const CONNECTIONS = 64;
/** Between two questions: a page asks many at once, and people ask seldom. */
const PAUSE_MS = 50;

const OVERVIEW = 'metrics=requests,costNano,ttftMs.p95,overheadMs.p99';
const QUESTIONS: Readonly<Record<string, string>> = {
  'first page, with its facets': 'logs?since=1d&limit=100',
  'first page, rows alone': 'logs?limit=100&facets=false',
  'one model, errors': 'logs?model=model-3&outcome=error&limit=50',
  'rare customer and common model': 'logs?customer=customer-199&model=model-0&limit=50',
  'slower than 9 s': 'logs?minMs=9400&limit=50',
  'two that never meet': 'logs?key=key-1&team=team-3&limit=50',
  'a year, all calls': `stats?since=365d&${OVERVIEW}`,
  'a year by model': `stats?since=365d&group=model&${OVERVIEW}`,
  'a year by user of one team': `stats?since=365d&group=user&team=team-2&${OVERVIEW}`,
  'a year by customer, 100 of them': `stats?since=365d&group=customer&top=100&${OVERVIEW}`,
  'an hour, all calls': `stats?since=1h&${OVERVIEW}`,
};

/** An administrator's token, put where the gateway will look for it. */
async function tokenIn(dataDir: string): Promise<string> {
  // It reads no more of it.
  const { store, keys } = await openStore(
    { dataDir, databaseUrl: null, masterKey: null } as AdminConfig,
    Date.now,
  );
  const token = issueCredential('token', randomBytes);
  const id = randomBytes(6).toString('hex');
  await store.commit(
    [
      { op: 'create', kind: 'admin', id: `adm_${id}`, name: id, lookup: null, data: { role: 'admin' } },
      {
        op: 'create',
        kind: 'token',
        id: `tok_${id}`,
        name: `adm_${id}/bench`,
        lookup: credentialHash(keys.adminToken, token),
        data: { admin: `adm_${id}`, label: 'bench' },
      },
    ],
    null,
  );
  await store.close();
  return token;
}

/** Asks one after the other until it is told that it is over. */
async function ask(port: number, token: string, over: () => boolean): Promise<void> {
  const names = Object.keys(QUESTIONS);
  for (let n = 0; !over(); n++) {
    const name = names[n % names.length]!;
    const begun = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/api/${QUESTIONS[name]}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${text.slice(0, 300)}`);
    (times[name] ??= []).push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function load({ endpoint }: RunningPeer): Promise<Unary> {
  const made = { endpoint: endpoint('openai>openai')!, dialect: 'openai', connections: CONNECTIONS } as const;
  const paced = { ...made, seconds: Number(seconds), warmSeconds: 1, perSecond: PER_SECOND };
  const hooks = { begin: () => undefined, end: () => undefined };
  const result = await generate<Unary>('unary', paced, CORES.load, hooks);
  if (result.failed > 0) throw new Error(`${result.failed} calls failed: ${result.firstFault}`);
  return result;
}

const times: Record<string, number[]> = {};
const part = (list: readonly number[], share: number): number =>
  list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? Number.NaN;
const sorted = (list: readonly number[]): number[] => list.toSorted((one, other) => one - other);

if (!existsSync(join(folder, 'log.db')))
  throw new Error(`no log.db in ${folder}: run bench/log-rows.ts first`);
const place = mkdtempSync(join(tmpdir(), 'headgate-log-live-'));
const p99s: Record<string, number[]> = { 'no log': [], 'a log': [], 'a log, and questions': [] };
try {
  const token = await tokenIn(folder);
  const mock = await startMock([CORES.load]);
  const setting = { cores: CORES.gateway, mock, folder: place };
  const env = {
    HEADGATE_DATA_DIR: folder,
    // What is there is to stay.
    HEADGATE_LOG_RETENTION_DAYS: '3650',
    HEADGATE_LEDGER_RETENTION_DAYS: '3650',
  };
  const bare = await startHeadgate(
    { ...setting, folder: join(place, 'bare') },
    { name: 'bare', env: { HEADGATE_REQUEST_LOG: 'off', HEADGATE_DATA_DIR: join(place, 'data') } },
  );
  const logged = await startHeadgate({ ...setting, folder: join(place, 'logged') }, { name: 'logged', env });
  const { port } = logged.endpoint('openai>openai')!;
  for (let round = 0; round < Number(rounds); round++) {
    p99s['no log']!.push((await load(bare)).latencyMicros.p99);
    p99s['a log']!.push((await load(logged)).latencyMicros.p99);
    let over = false;
    const asking = ask(port, token, () => over);
    p99s['a log, and questions']!.push((await load(logged).finally(() => (over = true))).latencyMicros.p99);
    await asking;
  }
  await Promise.all([bare.stop(), logged.stop(), stop(mock.child)]);
  for (const [name, list] of Object.entries(p99s))
    console.log(`p99 of calls, ${name.padEnd(22)} ${list.map((us) => (us / 1_000).toFixed(2)).join(' ')} ms`);
  for (const [name, list] of Object.entries(times)) {
    const own = sorted(list);
    console.log(
      `${name.padEnd(34)} ${part(own, 0.5).toFixed(0).padStart(5)} ms median, ${part(own, 0.95).toFixed(0).padStart(5)} p95, ${own.at(-1)!.toFixed(0).padStart(5)} most, of ${own.length}`,
    );
  }
} finally {
  await stopAll();
  rmSync(place, { recursive: true, force: true });
}
