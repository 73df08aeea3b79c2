// What a call of a key and model would meet, in words, for `headgate check --key NAME --model NAME`.
import type { Config } from '../../src/contracts/config.ts';
import type { ClientKey } from '../../src/contracts/directory.ts';
import type { LimitRule } from '../../src/contracts/limits.ts';
import { principalOf } from '../../src/governance/principal.ts';
import { leaseSize } from '../../src/limits/lease.ts';
import { rateText } from '../../src/limits/rate-text.ts';
import { rulesOfCall, rulesOfTarget } from '../../src/limits/rule-match.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { DIALECT_NAMES } from '../../src/registry/manners.ts';
import { createModelTable } from '../../src/routing/model-table.ts';

/** A key or model that is not there. */
export class UnknownName extends Error {}

/** @param keys all of callers. @param model null = any that no pattern is about. @throws UnknownName */
export function describeLimits(
  config: Config,
  keys: readonly ClientKey[],
  key: string | null,
  model: string | null,
): string[] {
  const name = key ?? 'anonymous';
  if (key !== null && !keys.some((known) => known.name === key)) {
    const names = keys.map((known) => known.name).join(', ') || 'none';
    throw new UnknownName(`no key is called \`${key}\` (keys: ${names})`);
  }
  const plan = model === null ? null : planOf(config, model);
  if (model !== null && plan === null)
    throw new UnknownName(`no configured provider offers the model \`${model}\``);
  const shown = plan?.name ?? '';
  const lines = [`a call of ${name}${plan === null ? '' : ` to ${shown}`} meets`];
  const caller = principalOf(keys.find((known) => known.name === key) ?? { name });
  const own = rulesOfCall(config.limits, caller, shown);
  lines.push(...own.map((rule) => `  ${ruleText(rule, config)}`));
  for (const provider of plan?.providers ?? []) {
    const more = rulesOfTarget(config.limits, caller, shown, provider);
    if (more.length > 0)
      lines.push(`  and at ${provider}`, ...more.map((rule) => `    ${ruleText(rule, config)}`));
  }
  return lines.length === 1
    ? [`a call of ${name}${plan === null ? '' : ` to ${shown}`} meets no limit`]
    : lines;
}

/** `team-a.requests  600/min requests, 12 at once, per key; workers take 1 ahead`. */
function ruleText(rule: LimitRule, config: Config): string {
  const { dimension, per, limit, periodMs, burst } = rule;
  const what =
    dimension === 'concurrent'
      ? `${limit} calls at the same time`
      : `${rateText(limit, periodMs)} ${dimension}, ${burst} at once`;
  const where =
    per.length === 0
      ? 'for the whole gateway'
      : `per ${per.map((scope) => scope.replace('header:', 'header ')).join(' and ')}`;
  const lease = leaseSize(rule, config.server.workers);
  const how =
    config.redis?.mode === 'strict'
      ? 'every call asks'
      : lease > 0
        ? `workers take ${lease} ahead`
        : 'every call asks';
  return `${rule.name}  ${what}, ${where}; ${how}`;
}

function planOf(config: Config, model: string): { name: string; providers: string[] } | null {
  const table = createModelTable({
    providers: config.providers,
    aliases: config.models,
    // Nothing is sent: a plan only carries its lane and its cell along.
    lane: () => ({ cell: () => null }) as never,
    dialect: dialectByName,
  });
  const plan = DIALECT_NAMES.map((dialect) => table.plan(model, dialect, null)).find(
    (found) => found !== null,
  );
  if (plan === undefined) return null;
  return { name: plan.name, providers: [...new Set(plan.targets.map(({ provider }) => provider.name))] };
}
