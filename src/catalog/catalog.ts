// What models there are: those of the configuration, and of providers for which it has nothing but patterns
// (OPENAI_API_KEY alone) those they list themselves, or a few well-known ones until that is known.
//
// A provider is asked when somebody asks us and what we know is old, not at start and not by a timer: a gateway whose
// clients never list models sends no request that nobody asked for, and one whose provider is down does not keep trying.
// Who asks first waits for the answer, two seconds at most (Claude Code gives a list three); everybody else is answered
// from memory, with what is stale while it is refreshed. Each worker has a list of its own: it is asked seldom, and no
// message between processes is worth saving that.
import type { ModelCatalog } from '../contracts/catalog.ts';
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import type { Lane, RingKey } from '../contracts/lane.ts';
import type { Speaker } from '../contracts/plan.ts';
import type { Clock } from '../contracts/ports.ts';
import type { ListedModel, Snapshot } from '../contracts/snapshot.ts';
import type { ProbeResult } from '../contracts/worker-look.ts';
import { behindTurns, type Deadline } from '../ipc/behind-reads.ts';
import { hasKeyFor, isOpenEnded, offers } from '../routing/offers.ts';
import { probe } from './probe.ts';
import { ProviderList } from './provider-list.ts';
import { usualModels } from './usual-models.ts';

const FIRST_WAIT_MS = 2_000;

export interface CatalogDeps {
  clock: Clock;
  random(): number;
  dialect(name: DialectName): Dialect;
  /** Of a request to the provider of `target`, in that dialect. */
  headers(target: Speaker, key: RingKey | null): Record<string, string>;
  /** A provider was asked for its list; `fault` null = it gave it. @param first of several faults in a row. */
  asked(provider: string, fault: string | null, first: boolean): void;
}

interface Merged {
  models: Snapshot['models'];
  changes: number;
  list: readonly ListedModel[];
}

class Catalog implements ModelCatalog {
  readonly #deps: CatalogDeps;
  /** A provider that keeps its place keeps its lane through configurations, and its list with it. */
  readonly #lists = new WeakMap<Lane, ProviderList>();
  #changes = 0;
  #merged: Merged | null = null;

  constructor(deps: CatalogDeps) {
    this.#deps = deps;
  }

  list(snapshot: Snapshot): readonly ListedModel[] | Promise<readonly ListedModel[]> {
    let first: Promise<void>[] | null = null;
    let waitMs = 0;
    const now = this.#deps.clock.now();
    for (const lane of snapshot.lanes.values()) {
      if (!isOpenEnded(lane.provider)) continue;
      const list = this.#listOf(lane);
      list.wanted();
      if (list.asking === null || list.firstAskedAt === null) continue;
      const left = list.firstAskedAt + FIRST_WAIT_MS - now;
      if (left <= 0) continue;
      (first ??= []).push(list.asking);
      waitMs = Math.max(waitMs, left);
    }
    if (first === null) return this.#merge(snapshot);
    return within(Promise.all(first), waitMs).then(() => this.#merge(snapshot));
  }

  find(snapshot: Snapshot, name: string, dialect: DialectName, prefix: string | null): ListedModel | null {
    const plan = snapshot.models.plan(name, dialect, prefix);
    const target = plan?.targets.find(({ provider, model }) => hasKeyFor(provider, model));
    if (target === undefined) return null;
    if (Object.hasOwn(snapshot.config.models, name)) return { id: name, ownedBy: 'headgate' };
    const known = this.#lists.get(target.lane)?.models?.get(target.model);
    return {
      id: name,
      ownedBy: target.provider.name,
      displayName: known?.displayName ?? null,
      createdMs: known?.createdMs ?? null,
    };
  }

  probe(lane: Lane): Promise<ProbeResult> {
    const { clock, dialect, headers } = this.#deps;
    const { provider } = lane;
    const spoken = provider.speaks[0]!;
    const speaker = { provider, spoken, dialect: dialect(spoken.dialect) };
    return probe(lane, { now: () => clock.now(), speaker, headers });
  }

  #listOf(lane: Lane): ProviderList {
    const known = this.#lists.get(lane);
    if (known !== undefined) return known;
    const { clock, random, dialect, headers, asked } = this.#deps;
    const list = new ProviderList(lane, {
      now: () => clock.now(),
      random,
      speaker: () => {
        const { provider } = lane;
        const spoken = provider.speaks[0]!;
        return { provider, spoken, dialect: dialect(spoken.dialect) };
      },
      headers,
      asked,
      changed: () => {
        this.#changes++;
      },
    });
    this.#lists.set(lane, list);
    return list;
  }

  #merge(snapshot: Snapshot): readonly ListedModel[] {
    const { models } = snapshot;
    if (this.#merged?.models === models && this.#merged.changes === this.#changes) return this.#merged.list;
    const merged = new Map(models.list.map((model) => [model.id, model]));
    for (const lane of snapshot.lanes.values()) {
      const { provider } = lane;
      if (!isOpenEnded(provider)) continue;
      for (const { id, displayName, createdMs } of this.#listOf(lane).models?.values() ??
        usualModels(provider)) {
        const full = `${provider.name}/${id}`;
        if (merged.has(full) || !offers(provider, id) || !hasKeyFor(provider, id)) continue;
        merged.set(full, { id: full, ownedBy: provider.name, displayName, createdMs });
      }
    }
    this.#merged = { models, changes: this.#changes, list: [...merged.values()] };
    return this.#merged.list;
  }
}

/** Waits for `work`, which does not reject, but not longer than `ms`. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: Deadline | undefined;
  const late = new Promise<void>((resolve) => {
    timer = behindTurns(ms, resolve);
  });
  await Promise.race([work, late]);
  timer?.clear();
}

/** The catalog of one worker. */
export function createCatalog(deps: CatalogDeps): ModelCatalog {
  return new Catalog(deps);
}
