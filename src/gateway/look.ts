// What a worker says of itself when people ask: where a call would go, and whether a provider answers.
import type { RechargedCounters } from '../contracts/ipc.ts';
import type { ModelCatalog } from '../contracts/catalog.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { Plan, Target } from '../contracts/plan.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import type { KeyView, Standing } from '../contracts/standing.ts';
import type { PlannedTarget, PlanView, ProbeResult, WorkerLook } from '../contracts/worker-look.ts';
import type { Limiter } from '../limiter/limiter.ts';
import { ownRules } from '../limits/own-rules.ts';
import { keyView, standings } from './key-look.ts';
import { hasKeyFor } from '../routing/offers.ts';

export function look(
  what: Exclude<WorkerLook, { do: 'batch' | 'heard' | 'written' }>,
  snapshot: Snapshot,
  catalog: Pick<ModelCatalog, 'probe' | 'list'>,
  limiter: Pick<Limiter, 'standings' | 'recharge'>,
): PlanView | ProbeResult | RechargedCounters | Promise<ProbeResult | KeyView | null | Standing[]> {
  if (what.do === 'plan') return planView(snapshot, what.model, what.dialect);
  if (what.do === 'key') return keyView(what.credential, snapshot, catalog, limiter);
  if (what.do === 'standings') return standings(what, snapshot, limiter);
  if (what.do === 'recharge') {
    const ofKeys = new Map(what.own.map((holder) => [holder.name, ownRules(holder)]));
    return limiter.recharge({ ofConfig: snapshot.config.limits, ofKeys }, what.charges);
  }
  const lane = snapshot.lanes.get(what.provider);
  if (lane === undefined) throw new Error(`there is no provider \`${what.provider}\``);
  return catalog.probe(lane);
}

function planView({ models }: Snapshot, name: string, dialect: DialectName): PlanView {
  const plan = models.plan(name, dialect, null);
  if (plan === null)
    return { found: false, similar: models.similar(name), name, balanced: false, targets: [] };
  const targets = plan.tiers.flatMap((tier, rank) =>
    tier.targets.map((target) => plannedTarget(plan, target, rank, tier.targets.length, dialect)),
  );
  // As a call does: what cools down or cannot be asked stands behind the others.
  const ready = targets.filter(({ state }) => state === 'ready');
  const others = targets.filter(({ state }) => state !== 'ready');
  return {
    found: true,
    similar: [],
    name: plan.name,
    balanced: plan.balanced,
    targets: [...ready, ...others],
  };
}

function plannedTarget(
  plan: Plan,
  target: Target,
  tier: number,
  peers: number,
  dialect: DialectName,
): PlannedTarget {
  const { provider, model, lane, spoken, weight, price, encode } = target;
  const forMs = Math.round(target.cell.leftMs());
  const open = lane.circuits().some((one) => one.model === model && one.state === 'open');
  const state =
    provider.lane.concurrency === 0
      ? 'paused'
      : !hasKeyFor(provider, model)
        ? 'no-key'
        : open
          ? 'circuit-open'
          : forMs > 0
            ? 'cooling'
            : 'ready';
  return {
    provider: provider.name,
    model,
    dialect: spoken.dialect,
    translated: spoken.dialect !== dialect,
    tier,
    weight,
    state,
    forMs,
    reason: reasonOf(plan, target, tier, peers, state),
    // Of one that changes on a day what it is now.
    price:
      price === null ? null : { components: price.components, factors: price.factors, source: price.source },
    capabilities: encode.capabilities,
  };
}

const STATES = {
  ready: '',
  cooling: 'it cools down, so others are asked first',
  'circuit-open': 'its circuit is open, so others are asked first',
  paused: 'its provider is paused',
  'no-key': 'no key of its provider may be used for it',
} as const;

function reasonOf(
  plan: Plan,
  target: Target,
  tier: number,
  peers: number,
  state: PlannedTarget['state'],
): string {
  const kinds = plan.kinds?.get(target);
  const rank =
    kinds !== undefined
      ? `asked only after: ${[...kinds].join(', ')}`
      : peers > 1
        ? `one of ${peers} of equal rank, chosen for each call`
        : tier === 0
          ? 'the first choice'
          : `fallback ${tier}`;
  return STATES[state] === '' ? rank : `${rank}; ${STATES[state]}`;
}
