// The order in which a call goes through what is left of its plan while some of it cools down: what does not cool first,
// then the cooling one that is due first. One always stays, cooling or not: the provider's own refusal tells the caller
// more than ours would, and a limit on tokens may well let a small request pass.
import type { Target } from '../contracts/plan.ts';
import type { Refusals } from '../contracts/rests.ts';

/**
 * @param from first target not tried yet.
 * @returns `targets` itself unless the one at `from` cools, else a new list with the same beginning. Of targets that all
 *   cool only one is left: a refusal for each would be asked for to no purpose.
 */
export function spareCooling(
  targets: readonly Target[],
  from: number,
  passedBy: Refusals['passedBy'],
): readonly Target[] {
  const next = targets[from]!;
  if (from + 1 >= targets.length || next.cell.leftMs() === 0) return targets;
  const warm: Target[] = [];
  const cooling: Target[] = [];
  for (let at = from; at < targets.length; at++) {
    const target = targets[at]!;
    (target.cell.leftMs() === 0 ? warm : cooling).push(target);
  }
  cooling.sort((a, b) => a.cell.leftMs() - b.cell.leftMs());
  const done = targets.slice(0, from);
  if (warm.length === 0) return [...done, cooling[0]!];
  for (let at = from; targets[at] !== warm[0]; at++) passedBy(targets[at]!);
  return [...done, ...warm, ...cooling];
}
