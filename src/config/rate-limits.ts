// From the entries of the file to rules of one dimension each, with the numbers GCRA works with.
import type { RedisConfig } from '../contracts/redis-config.ts';
import type { ClientKey } from '../contracts/directory.ts';
import type { LimitRule, LimitScope } from '../contracts/limits.ts';
import { rateRules, type RuleWhere as Where } from '../limits/entry-rules.ts';
import { checkedBudget, distinct, type OwnBudget } from './budgets.ts';
import type { BuildContext } from './build-context.ts';
import { certificatesFault } from './certificates.ts';
import { DEFAULT_REDIS } from './schema/defaults.ts';
import type { Path } from './path.ts';
import { parseRedisUrl } from './redis-url.ts';
import type { FileConfig } from './schema/schema.ts';

type Entry = NonNullable<FileConfig['limits']>[number];
type OwnEntry = Pick<Entry, 'name' | 'requests' | 'tokens' | 'concurrent' | 'burst'>;

const ANY: LimitRule['match'] = { key: null, model: null, provider: null };

const GROUPS = [
  ['organizations', 'organization'],
  ['teams', 'team'],
  ['users', 'user'],
  ['projects', 'project'],
  ['customers', 'customer'],
] as const;

/** Every rule: those of `limits` and `budgets`, then those of single keys, then those of what keys belong to. */
export function buildLimits(
  file: FileConfig,
  keys: readonly ClientKey[],
  context: BuildContext,
): LimitRule[] {
  const rules: LimitRule[] = [];
  const names = new Set<string>();
  const add = (made: readonly LimitRule[], path: Path): void => {
    for (const rule of made) {
      if (names.has(rule.name)) {
        context.report(path, `two limits are called \`${rule.name}\`; give one of them a \`name\``);
      }
      names.add(rule.name);
      rules.push(rule);
    }
  };
  /** Of one key, team, …: those without a name are called after it. */
  const addOwn = (entries: readonly OwnEntry[], base: string, where: Where, path: Path): void => {
    for (const [at, entry] of entries.entries()) {
      const name = entry.name ?? (at === 0 ? plainName(base) : `${plainName(base)}-${at + 1}`);
      add(rulesOf(entry, name, where, [...path, at], context), [...path, at]);
    }
  };
  const addBudgets = (entries: readonly OwnBudget[], base: string, where: Where, path: Path): void => {
    for (const [at, entry] of entries.entries()) {
      const rule = checkedBudget(entry, plainName(base), where, [...path, at], context);
      add([entry.name === undefined ? distinct(rule, names) : rule], [...path, at]);
    }
  };
  for (const [index, entry] of (file.limits ?? []).entries()) {
    const path = ['limits', index];
    const where = whereOf(entry, path, context);
    add(rulesOf(entry, entry.name ?? `limit-${index + 1}`, where, path, context), path);
  }
  for (const [index, entry] of (file.budgets ?? []).entries()) {
    const path = ['budgets', index];
    const where = whereOf(entry, path, context);
    const base = where.per.length === 0 ? 'gateway' : plainName(where.per.join('-'));
    const rule = checkedBudget(entry, base, where, path, context);
    add([entry.name === undefined ? distinct(rule, names) : rule], path);
  }
  for (const [index, item] of (file.auth?.keys ?? []).entries()) {
    if (typeof item === 'string') continue;
    const key = keys[index]?.name;
    if (key === undefined) continue;
    const where: Where = { per: ['key'], match: { ...ANY, key } };
    addOwn(item.limits ?? [], key, where, ['auth', 'keys', index, 'limits']);
    addBudgets(item.budgets ?? [], key, where, ['auth', 'keys', index, 'budgets']);
  }
  for (const [section, scope] of GROUPS) {
    for (const [name, group] of Object.entries(file[section] ?? {})) {
      const where: Where = { per: [scope], match: { ...ANY, [scope]: name } };
      addOwn(group.limits ?? [], `${scope}-${name}`, where, [section, name, 'limits']);
      addBudgets(group.budgets ?? [], `${scope}-${name}`, where, [section, name, 'budgets']);
    }
  }
  return rules;
}

/** What is counted apart, and for which calls. */
function whereOf(entry: Pick<Entry, 'per' | 'match'>, path: Path, context: BuildContext): Where {
  const stated =
    entry.per === undefined ? ['gateway'] : typeof entry.per === 'string' ? [entry.per] : entry.per;
  const scopes = stated.filter((scope) => scope !== 'gateway') as LimitScope[];
  // What callers choose stands last: tables make room among the values of that alone (limits/bucket-table.ts).
  const per = [...scopes.filter((scope) => !isChosen(scope)), ...scopes.filter(isChosen)];
  if (per.length < stated.length && stated.length > 1)
    context.report([...path, 'per'], '`gateway` stands alone: it is one count for all');
  if (new Set(per).size < per.length) context.report([...path, 'per'], 'the same thing stands twice');
  return { per, match: { ...ANY, ...entry.match } };
}

/** Null without a URL: this gateway keeps its counters itself. */
export function buildRedis(file: FileConfig, context: BuildContext): RedisConfig | null {
  const { url, mode, onFailure, timeoutMs, ca } = file.redis ?? {};
  if (url === undefined) {
    if (ca !== undefined)
      context.report(['redis', 'ca'], 'a certificate authority without `url` is for nothing');
    return null;
  }
  context.secret(url);
  const tls = redisTls(url, context);
  if (ca !== undefined && tls !== null) {
    const fault = tls
      ? certificatesFault(ca)
      : 'only a `rediss` URL speaks TLS: without it nothing is checked';
    if (fault !== null) context.report(['redis', 'ca'], fault);
  }
  return {
    url,
    mode: mode ?? DEFAULT_REDIS.mode,
    onFailure: onFailure ?? DEFAULT_REDIS.onFailure,
    timeoutMs: timeoutMs ?? DEFAULT_REDIS.timeoutMs,
    ...(ca === undefined ? {} : { ca }),
  };
}

/** Whether the URL asks for TLS; null when it is none, which is reported. */
function redisTls(url: string, context: BuildContext): boolean | null {
  try {
    return parseRedisUrl(url).tls;
  } catch (error) {
    context.report(['redis', 'url'], (error as Error).message);
    return null;
  }
}

function rulesOf(
  entry: Pick<Entry, 'requests' | 'tokens' | 'concurrent' | 'burst'>,
  name: string,
  where: Where,
  path: Path,
  context: BuildContext,
): LimitRule[] {
  const rules = rateRules(entry, name, where);
  if (rules.length === 0)
    context.report(path, 'nothing is limited: state `requests`, `tokens` or `concurrent`');
  else if (entry.burst !== undefined && entry.requests === undefined && entry.tokens === undefined)
    context.report([...path, 'burst'], 'a burst belongs to `requests` or `tokens`');
  return rules;
}

function isChosen(scope: LimitScope): boolean {
  return scope === 'customer' || scope.startsWith('header:');
}

/** Names may hold characters that mean something in metrics queries and Redis keys. */
function plainName(key: string): string {
  return key.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
}
