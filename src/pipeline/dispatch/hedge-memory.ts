// What hedged calls leave for those that come: how long models take, and how many more may be hedged.
import type { HedgeConfig } from '../../contracts/alias-config.ts';
import type { Target } from '../../contracts/plan.ts';
import { FirstByteTimes } from '../../routing/first-byte-times.ts';
import { HedgeBudget } from '../../routing/hedge-budget.ts';

/** What became of a second leg: it was first, the first leg was, it failed before; or there was no budget for one. */
export type HedgeOutcome = 'won' | 'lost' | 'failed' | 'withheld';

/** Models whose times are kept: fallbacks of requests may name any. */
const MAX_TIMES = 1_024;

/** Of one worker. */
export class HedgeMemory {
  readonly #budgets = new Map<string, HedgeBudget>();
  readonly #times = new Map<string, FirstByteTimes>();

  /** @param alias of the configuration: bounded in number. */
  budget(alias: string, { budget }: HedgeConfig): HedgeBudget {
    const name = `${alias} ${budget}`;
    let known = this.#budgets.get(name);
    if (known === undefined) this.#budgets.set(name, (known = new HedgeBudget(budget)));
    return known;
  }

  /** Streams and whole answers differ by what is waited for. */
  times({ label }: Target, stream: boolean): FirstByteTimes {
    const name = stream ? `${label} s` : label;
    let known = this.#times.get(name);
    if (known === undefined) {
      if (this.#times.size >= MAX_TIMES) this.#times.delete(this.#times.keys().next().value!);
      this.#times.set(name, (known = new FirstByteTimes()));
    }
    return known;
  }
}
