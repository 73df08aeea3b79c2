// What a scenario writes down while it runs: per target and metric one value a round, with the reasons of void rounds.
import type { Measurement } from '../contract.ts';
import { measurement, type Rounds } from './rounds.ts';

/** What one round says about one target. */
export interface Sample {
  /** By metric. */
  values: Readonly<Record<string, number>>;
  /** Why none of the values counts, or null. */
  void: string | null;
  /** What must be known to read the values. */
  remark?: string | undefined;
}

interface Page {
  values: Map<string, (number | null)[]>;
  /** Rounds written so far. */
  rounds: number;
  reasons: Set<string>;
}

/** Rounds of several targets. A metric that a void round would have had is null in that round. */
export class Book {
  readonly #pages = new Map<string, Page>();

  write(target: string, sample: Sample): void {
    const page = this.#page(target);
    if (sample.void !== null) page.reasons.add(sample.void);
    if (sample.remark !== undefined) page.reasons.add(sample.remark);
    for (const [metric, value] of Object.entries(sample.values)) {
      const rounds = page.values.get(metric) ?? [];
      while (rounds.length < page.rounds) rounds.push(null);
      rounds.push(sample.void === null && Number.isFinite(value) ? value : null);
      page.values.set(metric, rounds);
    }
    page.rounds++;
  }

  /** Says why a target has no further rounds. */
  remark(target: string, reason: string): void {
    this.#page(target).reasons.add(reason);
  }

  targets(): string[] {
    return [...this.#pages.keys()];
  }

  /** As many as were written for the target. */
  rounds(target: string, metric: string): Rounds {
    const page = this.#pages.get(target);
    if (page === undefined) return [];
    const rounds = page.values.get(metric) ?? [];
    return Array.from({ length: page.rounds }, (_, round) => rounds[round] ?? null);
  }

  /** The reasons and remarks so far; undefined when there are none. */
  remarks(target: string): string | undefined {
    const reasons = this.#pages.get(target)?.reasons;
    return reasons === undefined || reasons.size === 0 ? undefined : [...reasons].join('; ');
  }

  /** One measurement per metric, with the remarks of the target; `rounds` where they are not the metric's own. */
  measurement(target: string, metric: string, rounds = this.rounds(target, metric)): Measurement {
    return measurement(target, metric, rounds, this.remarks(target));
  }

  #page(target: string): Page {
    const known = this.#pages.get(target);
    if (known !== undefined) return known;
    const page: Page = { values: new Map(), rounds: 0, reasons: new Set() };
    this.#pages.set(target, page);
    return page;
  }
}
