// Some charges at the prices of now: which of them come to something else, and what that makes of the job. Pure.
import type { CorrectionBatch, LedgerRow } from '../../src/contracts/log-store.ts';
import type { Recharge } from '../../src/contracts/recharge.ts';
import { matchesPattern } from '../../src/names/pattern.ts';
import type { Difference, RecalculateFilter, RecalculateState } from './job-state.ts';
import { rechargeOf } from './recharge.ts';
import type { PricesInForce } from './prices.ts';

/** Keys and teams that are told apart; what is of others is theirs together, under the empty name. */
const MAX_NAMED = 1_000;

export interface Step {
  readonly state: RecalculateState;
  readonly corrections: CorrectionBatch['corrections'];
}

/** @param charges in the order of their numbers */
export function stepOf(before: RecalculateState, charges: readonly LedgerRow[], prices: PricesInForce): Step {
  const count = { charges: 0, corrected: 0, priced: 0, unpriced: 0, kept: 0, beforeNano: 0, afterNano: 0 };
  const byKey = { ...before.byKey };
  const byTeam = { ...before.byTeam };
  const corrections: { charge: LedgerRow; toNano: number; priceVersion: string }[] = [];
  const untold: Recharge[] = [];
  for (const charge of charges) {
    if (!fits(charge, before)) continue;
    count.charges++;
    const { costNano } = charge;
    count.beforeNano += costNano ?? 0;
    // What a vendor does not bill is no matter of its price.
    const free = costNano === 0 && charge.priceVersion === '';
    const now = free
      ? null
      : rechargeOf(charge, prices.find(charge.provider, charge.upstreamModel, charge.at));
    if (now === null || now.costNano === costNano) {
      count.afterNano += costNano ?? 0;
      if (now === null && costNano === null) count.unpriced++;
      else if (now === null && !free) count.kept++;
      continue;
    }
    const nano = now.costNano - (costNano ?? 0);
    count.afterNano += now.costNano;
    count.corrected++;
    if (costNano === null) count.priced++;
    addTo(byKey, charge.key, nano);
    addTo(byTeam, charge.team, nano);
    if (before.dryRun) continue;
    corrections.push({ charge, toNano: now.costNano, priceVersion: now.priceVersion });
    if (nano !== 0) untold.push(rechargedOf(charge, nano));
  }
  const last = charges.at(-1);
  const state: RecalculateState = {
    ...before,
    cursor: last?.id ?? before.cursor,
    at: last?.at ?? before.at,
    charges: before.charges + count.charges,
    corrected: before.corrected + count.corrected,
    priced: before.priced + count.priced,
    unpriced: before.unpriced + count.unpriced,
    kept: before.kept + count.kept,
    beforeNano: before.beforeNano + count.beforeNano,
    afterNano: before.afterNano + count.afterNano,
    byKey,
    byTeam,
    steps: before.steps + (corrections.length > 0 ? 1 : 0),
    untold,
  };
  return { state, corrections };
}

function fits(
  { provider, model, upstreamModel, key, team }: LedgerRow,
  { models, providers, keys, teams }: RecalculateFilter,
): boolean {
  const any = (patterns: readonly string[], ...names: readonly string[]): boolean =>
    patterns.length === 0 || patterns.some((pattern) => names.some((name) => matchesPattern(pattern, name)));
  return (
    any(providers, provider) &&
    any(keys, key) &&
    any(teams, team) &&
    any(models, model, upstreamModel, `${provider}/${upstreamModel}`)
  );
}

function addTo(differences: Record<string, Difference>, name: string, nano: number): void {
  const known = Object.hasOwn(differences, name) || Object.keys(differences).length < MAX_NAMED;
  const at = known ? name : '';
  const before = Object.hasOwn(differences, at) ? differences[at]! : { charges: 0, differenceNano: 0 };
  differences[at] = { charges: before.charges + 1, differenceNano: before.differenceNano + nano };
}

function rechargedOf(charge: LedgerRow, nano: number): Recharge {
  const { at, key, organization, team, user, customer, project, tags, model, provider } = charge;
  const countedHeaders = charge.countedHeaders ?? [];
  return {
    at,
    key,
    organization,
    team,
    user,
    customer,
    project,
    tags,
    countedHeaders,
    model,
    provider,
    nano,
  };
}
