// The same target for the same session or prompt prefix, which keeps its provider's prompt cache warm: weighted rendezvous
// hashing (Thaler and Ravishankar 1998; weights: Schindelhauer and Schomaker 2005). One that goes moves only its own.
import { hashText, mix } from '../../body/fnv.ts';
import type { Balancer } from '../../contracts/balance.ts';
import type { Target } from '../../contracts/plan.ts';

export function createHashed(targets: readonly Target[]): Balancer<Target> {
  const seeds = targets.map(({ label }) => hashText(label));
  return {
    order(ask) {
      const affinity = ask.affinity();
      const order = targets
        .map((target, at) => {
          const unit = (mix(seeds[at]!, affinity) + 1) / 2 ** 32;
          return { target, score: -target.weight / Math.log(unit) };
        })
        .sort((one, other) => other.score - one.score)
        .map(({ target }) => target);
      return withRoomFirst(order, ask.nowMs());
    },
  };
}

/**
 * A warm prompt is no good behind a queue: where the first one's server says that requests wait there, the next in order where none do
 * takes the call, and so always the same one.
 */
function withRoomFirst(order: readonly Target[], nowMs: number): readonly Target[] {
  if ((order[0]!.load?.waiting(nowMs) ?? 0) === 0) return order;
  const free = order.find(({ load }) => load?.waiting(nowMs) === 0);
  return free === undefined ? order : [free, ...order.filter((target) => target !== free)];
}
