// Authorities as gateways have them, with a log that can be read and rules as the configuration makes them.
import type { Ask, Bucket, Grant, LimitRule } from '../../../src/contracts/limits.ts';
import { paceOf } from '../../../src/limits/pace.ts';
import { createRedisAuthority } from '../../../src/redis/limits/authority.ts';
import type { RedisAuthority, RedisAuthorityConfig, RedisAuthorityDeps } from '../../../src/redis/options.ts';

export const clock = { now: () => performance.now(), wall: () => Date.now() };

export interface LogLine {
  atMs: number;
  level: string;
  fields: Readonly<Record<string, unknown>>;
  message: string;
}

export interface Gate {
  authority: RedisAuthority;
  lines: LogLine[];
  latencies: number[];
}

const open: RedisAuthority[] = [];

export function gate(
  config: Partial<RedisAuthorityConfig> & { url: string },
  deps: Pick<RedisAuthorityDeps, 'lookup'> = {},
): Gate {
  const lines: LogLine[] = [];
  const latencies: number[] = [];
  const say =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      lines.push({ atMs: performance.now(), level, fields, message });
    };
  const authority = createRedisAuthority(
    { mode: 'strict', onFailure: 'open', ...config },
    {
      clock,
      log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
      random: Math.random,
      ...deps,
      observer: { answered: (ms) => latencies.push(ms) },
    },
  );
  open.push(authority);
  return { authority, lines, latencies };
}

/** Connected and answering. */
export async function readyGate(config: Partial<RedisAuthorityConfig> & { url: string }): Promise<Gate> {
  const made = gate(config);
  if (!(await made.authority.ready(30_000))) throw new Error('Redis did not answer');
  return made;
}

export async function closeGates(): Promise<void> {
  await Promise.all(open.splice(0).map((authority) => authority.close()));
}

export function rate(name: string, limit: number, periodMs: number, burst: number | null = null): LimitRule {
  return {
    name,
    dimension: 'requests',
    per: [],
    match: { key: null, model: null, provider: null },
    limit,
    periodMs,
    ...paceOf(limit, periodMs, burst),
  };
}

export function slots(name: string, limit: number): LimitRule {
  return { ...rate(name, limit, 1_000), dimension: 'concurrent', periodMs: 0, burst: 0, spacingMs: 0 };
}

export function bucket(rule: LimitRule, id = rule.name): Bucket {
  return { id, rule };
}

let tokens = 0;

export function token(): string {
  return `t${++tokens}`;
}

export function ask(bucket: Bucket, need = 1, want = need): Ask {
  return { bucket, need, want };
}

/** One bucket, one unit. */
export async function takeOne(authority: RedisAuthority, of: Bucket, by = token()): Promise<Grant> {
  const [grant] = await authority.ask([ask(of)], by);
  return grant!;
}

/** Most events in any window of `windowMs`. */
export function busiestWindow(atMs: readonly number[], windowMs: number): number {
  const sorted = [...atMs].sort((a, b) => a - b);
  let from = 0;
  let most = 0;
  for (let to = 0; to < sorted.length; to++) {
    while (sorted[to]! - sorted[from]! >= windowMs) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
