// One provider's list of models as this worker knows it: the last good one, and when to ask again.
//
//   unknown ──due──► asking ──answer──► known ──due──► asking …        asking ── fault ──► as before, due after a back-off
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { Lane, RingKey } from '../contracts/lane.ts';
import type { ProviderModel } from '../contracts/model-list.ts';
import type { Speaker } from '../contracts/plan.ts';
import { askModels } from './ask-models.ts';
import { PageFault } from './ask-page.ts';

/** Vendors add models every few weeks; local servers when somebody loads one. */
export const REFRESH_MS = 600_000;
/** After a fault, doubled each time up to the refresh. */
export const FIRST_RETRY_MS = 15_000;
/** A local server that is busy takes seconds; nobody waits for it so long (see catalog.ts). */
const ASK_TIMEOUT_MS = 10_000;
/** Workers and gateways that began together do not ask together for ever: a tenth more or less. */
const JITTER = 0.1;

export interface ProviderListDeps {
  /** Monotonic ms. */
  now(): number;
  random(): number;
  /** The provider as it is configured now, in the dialect it prefers. */
  speaker(): Speaker;
  headers(speaker: Speaker, key: RingKey | null): Record<string, string>;
  /** It was asked; null = it answered. @param first of several faults in a row. */
  asked(provider: string, fault: string | null, first: boolean): void;
  /** `models` has changed. */
  changed(): void;
}

export class ProviderList {
  /** By id, in the provider's order; null until it has answered once. Stale while the provider is down. */
  models: ReadonlyMap<string, ProviderModel> | null = null;
  /** Resolves, never rejects, when the question under way is over; null when there is none. */
  asking: Promise<void> | null = null;
  /** When the first question under this configuration was put, while it is under way and there is nothing to show; else null. */
  firstAskedAt: number | null = null;
  readonly #lane: Lane;
  readonly #deps: ProviderListDeps;
  #provider: ProviderConfig | null = null;
  #dueAt = 0;
  #faults = 0;

  constructor(lane: Lane, deps: ProviderListDeps) {
    this.#lane = lane;
    this.#deps = deps;
  }

  /** Somebody wants the list: asks in the background where it is time to. */
  wanted(): void {
    const { provider } = this.#lane;
    if (this.asking !== null) return;
    const now = this.#deps.now();
    // Another key or header may be what was missing.
    if (this.#provider === provider && now < this.#dueAt) return;
    if (this.#provider !== provider && this.models === null) this.firstAskedAt = now;
    this.#provider = provider;
    this.asking = this.#ask(provider.name).finally(() => {
      this.asking = null;
      this.firstAskedAt = null;
    });
  }

  async #ask(provider: string): Promise<void> {
    const { now, speaker, headers, asked, changed } = this.#deps;
    const to = speaker();
    const codec = to.dialect.modelList;
    const { path, list } = to.spoken;
    if (codec === null || list === false) {
      this.#dueIn(REFRESH_MS);
      return;
    }
    try {
      const models = await askModels({
        lane: this.#lane,
        codec,
        below: path,
        list,
        headers: (key) => headers(to, key),
        timeoutMs: ASK_TIMEOUT_MS,
        now,
      });
      this.models = new Map(models.map((model) => [model.id, model]));
      this.#faults = 0;
      this.#dueIn(REFRESH_MS);
      changed();
      asked(provider, null, false);
    } catch (cause) {
      this.#dueIn(Math.min(REFRESH_MS, FIRST_RETRY_MS * 2 ** this.#faults));
      this.#faults++;
      asked(provider, cause instanceof PageFault ? cause.reason : 'internal', this.#faults === 1);
    }
  }

  #dueIn(ms: number): void {
    this.#dueAt = this.#deps.now() + ms * (1 - JITTER + 2 * JITTER * this.#deps.random());
  }
}
