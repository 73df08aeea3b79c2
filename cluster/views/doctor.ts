// `headgate doctor`: tries everything a gateway of this configuration would lean on, from this machine and without starting
// one: providers and their keys, Redis and its clock, the store, the port, and what the kernel and the container allow.
import { access, constants, mkdir, readFile, statfs } from 'node:fs/promises';
import { createCatalog } from '../../src/catalog/catalog.ts';
import type { LoadedConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/contracts/config.ts';
import type { ProviderConfig } from '../../src/contracts/provider-config.ts';
import type { RedisConfig } from '../../src/contracts/redis-config.ts';
import type { ProbeResult } from '../../src/contracts/worker-look.ts';
import { createNames } from '../../src/dns/names.ts';
import { nodeLookup } from '../../src/dns/node-lookup.ts';
import { fittingBuild } from '../../src/http/exchange/loader.ts';
import { createLanes } from '../../src/lanes/lanes.ts';
import { readDescriptorLimit } from '../../src/observability/descriptors.ts';
import { createUpstreamHeaders } from '../../src/pipeline/upstream-headers.ts';
import { createBackgroundClient } from '../../src/redis/background.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { openPostgres } from '../../src/stores/postgres.ts';
import { type SqlRow, type SqlWork, statement } from '../../src/stores/sql-driver.ts';
import { VERSION } from '../../src/version.ts';
import { isPortFree } from '../crew/port.ts';

export interface Finding {
  /** `bad`: calls would fail. `warn`: something is to be known. */
  readonly level: 'ok' | 'warn' | 'bad';
  readonly what: string;
  /** What to do; '' = nothing. */
  readonly advice: string;
}

const FEW_DESCRIPTORS = 4_096;
/** Tokens of clients and limits in windows stand a difference of a few seconds, and no more. */
const CLOCK_MS = 2_000;
const REDIS_MS = 5_000;
const LITTLE_ROOM_BYTES = 2e9;

const ok = (what: string): Finding => ({ level: 'ok', what, advice: '' });
const warn = (what: string, advice: string): Finding => ({ level: 'warn', what, advice });
const bad = (what: string, advice: string): Finding => ({ level: 'bad', what, advice });

/** Everything at once, in the order in which it is to be read. Takes as long as the slowest, ten seconds at most. */
export async function examine({ config, keys, admin }: LoadedConfig): Promise<Finding[]> {
  const found = await Promise.all([
    machine(),
    port(config),
    callers(config, keys.length),
    redis(config.redis),
    store(admin),
    providers(config),
  ]);
  return found.flat();
}

/** @returns the text for people, and whether something is bad. */
export function report(findings: readonly Finding[]): { text: string; failed: boolean } {
  const marks = { ok: 'ok  ', warn: 'note', bad: 'BAD ' } as const;
  const lines = findings.map(
    ({ level, what, advice }) => `${marks[level]}  ${what}${advice === '' ? '' : `: ${advice}`}`,
  );
  const count = (level: Finding['level']): number => findings.filter((one) => one.level === level).length;
  const sum = `${count('ok')} well, ${count('warn')} to be known, ${count('bad')} bad`;
  return { text: [...lines, '', sum].join('\n'), failed: count('bad') > 0 };
}

async function machine(): Promise<Finding[]> {
  const build = fittingBuild();
  const limit = readDescriptorLimit();
  const migrate = await settingOf('net/ipv4/tcp_migrate_req');
  const backlog = await settingOf('net/core/somaxconn');
  return [
    'name' in build
      ? ok(`Node ${process.versions.node}, ${build.name}`)
      : bad(`Node ${process.versions.node}`, build.reason),
    limit !== null && limit < FEW_DESCRIPTORS
      ? warn(
          `${limit} file descriptors`,
          'raise `ulimit -n`: each client and each upstream takes one (docs/operations.md)',
        )
      : ok(`${limit ?? 'unknown'} file descriptors`),
    migrate === 1 || migrate === null
      ? ok('connections not yet accepted outlive a worker')
      : warn(
          'net.ipv4.tcp_migrate_req is 0',
          'set it to 1, or connections not yet accepted are lost when a worker ends',
        ),
    backlog !== null && backlog < 1_024
      ? warn(`net.core.somaxconn is ${backlog}`, 'raise it to 4096: bursts of connections are refused')
      : ok(`net.core.somaxconn is ${backlog ?? 'unknown'}`),
  ];
}

async function settingOf(name: string): Promise<number | null> {
  try {
    return Number((await readFile(`/proc/sys/${name}`, 'utf8')).trim());
  } catch {
    return null;
  }
}

async function port({ server }: Config): Promise<Finding[]> {
  const place = `${server.host}:${server.port}`;
  try {
    return [
      (await isPortFree(server.host, server.port))
        ? ok(`${place} is free`)
        : warn(`${place} is in use`, 'fine if that is this gateway; else it cannot start'),
    ];
  } catch (error) {
    return [bad(place, messageOf(error))];
  }
}

function callers({ auth, server }: Config, keys: number): Finding[] {
  if (!auth.anonymous) return [ok(`${keys} ${keys === 1 ? 'key' : 'keys'} of callers in the configuration`)];
  return server.host === '127.0.0.1' || server.host === '::1'
    ? [ok('no key is asked for, and only this machine can call')]
    : [warn('no key is asked for', `whoever reaches ${server.host} is served: set HEADGATE_API_KEYS`)];
}

async function providers(config: Config): Promise<Finding[]> {
  const clock = { now: () => performance.now(), wall: () => Date.now() };
  const names = createNames(config.dns);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const lanes = createLanes({ clock, broker: { gone: false, want() {} }, names, log });
  const catalog = createCatalog({
    clock,
    random: Math.random,
    dialect: dialectByName,
    headers: createUpstreamHeaders(VERSION).own,
    asked() {},
  });
  try {
    const set = lanes.apply(config.providers.flatMap(keysApart), {});
    return await Promise.all(
      [...set.values()].map(async (lane) =>
        lane.provider.kind === 'demo'
          ? ok('the built-in demo answers')
          : said(lane.provider.name, await catalog.probe(lane)),
      ),
    );
  } catch (error) {
    return [bad('providers', messageOf(error))];
  } finally {
    await lanes.close();
  }
}

/** Of several keys each is tried by itself: one that is refused shows only when its turn comes. */
function keysApart(provider: ProviderConfig): readonly ProviderConfig[] {
  if (provider.keys.length < 2) return [provider];
  return provider.keys.map((key) => ({
    ...provider,
    name: `${provider.name}, key ${key.alias},`,
    keys: [key],
  }));
}

function said(name: string, { ok: well, latencyMs, models, fault }: ProbeResult): Finding {
  if (well === true)
    return ok(
      `${name} answers in ${Math.round(latencyMs)} ms and lists ${models} ${models === 1 ? 'model' : 'models'}`,
    );
  if (well === null)
    return warn(`${name} has no list of models to ask for`, 'only a call would show whether its key is good');
  const advice =
    fault === 'status_401' || fault === 'status_403'
      ? 'it refuses the key'
      : fault === 'no_key'
        ? 'it has no key'
        : `${fault}: is it reachable from here, by this address and proxy?`;
  return bad(`${name} does not answer as it should (${Math.round(latencyMs)} ms)`, advice);
}

function redis(config: RedisConfig | null): Finding[] | Promise<Finding[]> {
  if (config === null) return [];
  return new Promise((resolve) => {
    const names = createNames();
    let fault = 'no answer';
    const done = (finding: Finding): void => {
      clearTimeout(late);
      client.close();
      resolve([finding]);
    };
    const late = setTimeout(() => done(bad('Redis cannot be used', fault)), REDIS_MS);
    const client = createBackgroundClient(
      config,
      { name: 'doctorTime', lua: "return redis.call('TIME')" },
      {
        ready() {
          client.run('doctorTime', [], []).then(
            (time) => done(clockOf(time)),
            (error: unknown) => done(bad('Redis cannot be used', messageOf(error))),
          );
        },
        down() {},
        error(_kind, text) {
          fault = text;
        },
      },
      nodeLookup(names),
    );
  });
}

/** @param at by the clock of `name`, ms since 1970 */
function timeOf(name: string, at: number): Finding {
  const differs = Math.abs(at - Date.now());
  if (!(differs <= CLOCK_MS))
    return warn(
      `${name} answers, and its clock differs by ${Math.round(differs)} ms`,
      'let both follow a time server',
    );
  return ok(`${name} answers, and agrees about the time`);
}

function clockOf(time: unknown): Finding {
  const [seconds, micros] = Array.isArray(time) ? time.map(Number) : [Number.NaN, 0];
  return timeOf('Redis', seconds! * 1_000 + micros! / 1_000);
}

async function store({ enabled, databaseUrl, dataDir }: LoadedConfig['admin']): Promise<Finding[]> {
  if (!enabled) return [];
  if (databaseUrl === null) {
    try {
      await mkdir(dataDir, { recursive: true, mode: 0o700 });
      await access(dataDir, constants.W_OK);
      return [ok(`the store has its place in ${dataDir}`), await roomIn(dataDir)];
    } catch (error) {
      return [
        warn(
          `no store: ${messageOf(error)}`,
          'the gateway would run from its file alone (HEADGATE_DATA_DIR)',
        ),
      ];
    }
  }
  const driver = openPostgres(databaseUrl);
  try {
    const rows = await driver.read(function* time(): SqlWork<readonly SqlRow[]> {
      return yield statement('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS at');
    });
    return [timeOf('PostgreSQL', Number(rows[0]?.['at']))];
  } catch (error) {
    return [bad('PostgreSQL cannot be used', messageOf(error).replaceAll(databaseUrl, '***'))];
  } finally {
    await driver.close().catch(() => undefined);
  }
}

async function roomIn(dataDir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = `${((Number(bavail) * Number(bsize)) / 1e9).toFixed(1)} GB are free there`;
  return Number(bavail) * Number(bsize) < LITTLE_ROOM_BYTES
    ? warn(free, 'the log of requests takes 1.5 KB for each, and is dropped where the disk is full')
    : ok(free);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
