// A store with very many keys: how long from the start until the last of them is answered, and what each process has grown by.
// Run: scripts/node node bench/many-keys.ts [keys, 100000] [plain or limited] [rounds, 3]
// HEADGATE_BENCH_HEADGATE names a build (dist/cluster/cli.js), as in bench/README.md. `limited`: each key has a limit and a budget.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../gatehouse/keep/open-store.ts';
import type { AdminConfig } from '../src/contracts/admin.ts';
import type { Change, StoredData } from '../src/contracts/store.ts';
import { credentialHash, issueCredential, shownOf } from '../src/governance/virtual-key.ts';
import { commandOf, processTree } from './process-tree.ts';
import { freePort, start, stop, stopAll } from './processes.ts';

const [count = '100000', kind = 'plain', rounds = '3'] = process.argv.slice(2);
const build = process.env['HEADGATE_BENCH_HEADGATE'] ?? join(import.meta.dirname, '../dist/cluster/cli.js');
const TEAMS = 100;
const AT_ONCE = 5_000;
/** What the start left behind has been given back by then. */
const SETTLED_MS = 13_000;
/** As modules, or from a bundle. */
const ROLES = /(cluster|workers?|gatehouse)(?:\/(?:cli|main)\.[jt]s|\.cjs)/;

/** @returns the last key. */
async function fill(dataDir: string, keys: number, own: StoredData): Promise<string> {
  // It reads no more of it.
  const opened = await openStore({ dataDir, databaseUrl: null, masterKey: null } as AdminConfig, Date.now);
  const { store } = opened;
  const changes: Change[] = [];
  const flush = async (): Promise<void> => {
    const result = await store.commit(changes.splice(0), null);
    if (!result.ok) throw new Error(JSON.stringify(result));
  };
  const add = (one: Omit<Extract<Change, { op: 'create' }>, 'op'>): void =>
    void changes.push({ op: 'create', ...one });
  for (let at = 0; at < TEAMS; at++)
    add({
      ...{ kind: 'team', id: `team_${at}`, name: `team-${at}`, lookup: null },
      data: { models: ['demo/*', 'openai/*'], tags: ['blue'] },
    });
  let last = issueCredential('key', randomBytes);
  for (let at = 0; at <= keys; at++) {
    last = issueCredential('key', randomBytes);
    const hash = credentialHash(opened.keys.virtualKey, last);
    const data = {
      ...{ team: `team_${at % TEAMS}`, models: ['demo/*'], tags: ['a', 'b'] },
      ...{ description: 'a key of an application', ...shownOf(last), ...own },
      secret: { current: hash, previous: null },
    };
    const id = `key_${String(at).padStart(20, '0')}`;
    add({ kind: 'key', id, name: `app-${at}`, lookup: hash, data });
    if (changes.length >= AT_ONCE) await flush();
  }
  await flush();
  await store.close();
  return last;
}

/** PSS by role, MiB, of a gateway with this data, and ms until its first answer and until the key is answered. */
async function measure(dataDir: string, key: string): Promise<Record<string, number[]>> {
  const port = await freePort();
  const begun = performance.now();
  const child = start('node', [build, 'start', '--port', String(port)], {
    cores: [0, 1],
    env: {
      ...{ HEADGATE_DATA_DIR: dataDir, HEADGATE_WORKERS: '2', HEADGATE_HOST: '127.0.0.1' },
      ...{ HEADGATE_ALLOW_ANONYMOUS: 'false', HEADGATE_ACCESS_LOG: 'off' },
    },
  });
  const found: Record<string, number[]> = {};
  for (let status = 0; status !== 200; ) {
    status = await fetch(`http://127.0.0.1:${port}/v1/models`, {
      headers: { authorization: `Bearer ${key}` },
    }).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 0,
    );
    if (status !== 0) found['first answer'] ??= [Math.round(performance.now() - begun)];
    if (status !== 200) await sleep(10);
    if (performance.now() - begun > 60_000) throw new Error('the key is not answered');
  }
  found['last key'] = [Math.round(performance.now() - begun)];
  await sleep(SETTLED_MS);
  for (const pid of processTree(child.pid!)) {
    const role = ROLES.exec(commandOf(pid))?.[1];
    const kib = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    if (role !== undefined) (found[`${role}, MiB`] ??= []).push(Math.round(Number(kib) / 1_024));
  }
  await stop(child);
  return found;
}

const own: StoredData =
  kind === 'limited' ? { limits: [{ requests: '600/min' }], budgets: [{ amountUsd: 5, window: '1d' }] } : {};
const place = mkdtempSync(join(tmpdir(), 'headgate-many-keys-'));
try {
  for (const keys of [0, Number(count)]) {
    const folder = join(place, String(keys));
    const last = await fill(folder, keys, own);
    for (let round = 0; round < Number(rounds); round++)
      console.log(keys, kind, JSON.stringify(await measure(folder, last)));
  }
} finally {
  await stopAll();
  rmSync(place, { recursive: true, force: true });
}
