// How budgets and limits stand, as the API shows it: dollars, instants, and what a window comes to if it goes on like that. Pure.
import type { Standing } from '../../src/contracts/standing.ts';
import { flag, list, object, text } from './fields.ts';

const NANO = 1e9;
const dollars = (description: string) => ({ type: 'number' as const, description });

const budgetStanding = object({
  name: text('Of the budget.'),
  owner: text('Whose it is.'),
  per: list(text(''), 'What is counted apart.'),
  match: object({}, [], 'Which calls it is for.'),
  window: text('Its length.'),
  align: text('`calendar` or `rolling`.'),
  timezone: text('Of the calendar.'),
  softAt: dollars('Share at which an alert says so.'),
  amountUsd: dollars('Of this window.'),
  spentUsd: dollars('In this window, what calls were charged; with Redis as it was a second ago at most.'),
  reservedUsd: dollars(
    'What calls under way have set aside, and what workers hold for the next ones: what is not used of it is back a second later. With Redis what was charged within the last second is among it, and null while it cannot be asked.',
  ),
  remainingUsd: dollars('What calls may still spend.'),
  amountNano: dollars('The same in whole nanodollars.'),
  spentNano: dollars(''),
  reservedNano: dollars(''),
  remainingNano: dollars(''),
  startsAt: text('When the window began; null = with the first call.'),
  resetsAt: text('When it ends; null = never.'),
  soft: flag('The soft mark is passed.'),
  forecastUsd: dollars('What the window comes to if it goes on as until now; null = it does not end.'),
  exhaustedAt: text('When it is used up then; null = not in this window.'),
});
const limitStanding = object({
  name: text('Of the limit.'),
  dimension: text('`requests`, `tokens` or `concurrent`.'),
  owner: text('Whose it is.'),
  per: list(text(''), 'What is counted apart.'),
  limit: dollars('Per period; of `concurrent` at once.'),
  periodMs: dollars('ms; 0 for `concurrent`.'),
  remaining: dollars('What would be admitted now.'),
  resetsAt: text('When all of it is there again.'),
});
/** Of `standingView`. */
export const standingSchema = {
  budgets: list(budgetStanding, 'Budgets that count its calls, those of what it belongs to among them.'),
  limits: list(limitStanding, 'Limits likewise.'),
};

export function standingView(standings: readonly Standing[], now: number) {
  return {
    budgets: standings.filter(({ dimension }) => dimension === 'cost').map((one) => budgetView(one, now)),
    limits: standings.filter(({ dimension }) => dimension !== 'cost').map((one) => limitView(one, now)),
  };
}

/** An amount by what became of it, nanodollars; `reserved` null: nobody can tell it from what is spent. More than the amount may be spent. */
export function partsOf(
  limit: number,
  { remaining, spent }: Pick<Standing, 'remaining' | 'spent'>,
): { left: number; spent: number; reserved: number | null } {
  const left = Math.min(limit, remaining);
  if (spent === null) return { left, spent: limit - left, reserved: null };
  return { left, spent, reserved: Math.max(0, limit - left - spent) };
}

/** Of one with a budget. */
export function budgetView(standing: Standing, now: number): object {
  const { name, owner, per, match, limit, startMs, endMs, budget } = standing;
  const { left, spent, reserved } = partsOf(limit, standing);
  const elapsed = now - startMs;
  const known = endMs !== 0 && elapsed > 0;
  const forecast = known ? Math.round((spent / elapsed) * (endMs - startMs)) : null;
  const exhaustedMs = known && spent > 0 ? startMs + (limit / spent) * elapsed : Number.POSITIVE_INFINITY;
  return {
    name: name.replace(/\.budget$/, ''),
    owner,
    per,
    match: Object.fromEntries(Object.entries(match).filter(([, pattern]) => pattern !== null)),
    window: budget?.window ?? 'never',
    align: budget?.align ?? 'calendar',
    timezone: budget?.timezone ?? 'UTC',
    softAt: budget?.softAt ?? 1,
    amountUsd: limit / NANO,
    spentUsd: spent / NANO,
    reservedUsd: reserved === null ? null : reserved / NANO,
    remainingUsd: left / NANO,
    amountNano: limit,
    spentNano: spent,
    reservedNano: reserved,
    remainingNano: left,
    startsAt: endMs === 0 ? null : instant(startMs),
    resetsAt: endMs === 0 ? null : instant(endMs),
    soft: spent >= limit * (budget?.softAt ?? 1),
    forecastUsd: forecast === null ? null : forecast / NANO,
    exhaustedAt: exhaustedMs < endMs ? instant(Math.max(now, exhaustedMs)) : null,
  };
}

function limitView(
  { name, dimension, owner, per, limit, periodMs, remaining, resetMs }: Standing,
  now: number,
) {
  return { name, dimension, owner, per, limit, periodMs, remaining, resetsAt: instant(now + resetMs) };
}

const instant = (ms: number): string => new Date(Math.floor(ms)).toISOString();
