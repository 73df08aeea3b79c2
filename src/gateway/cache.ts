// All that has to do with answers that are kept, put together: the stage that looks for one, the recorder on the way back, what is
// kept when a call has settled, and what it says of itself.
import { inspectBody } from '../body/inspect.ts';
import { AnswerStore } from '../cache/answer-store.ts';
import { Purges } from '../cache/purges.ts';
import { createRequestKey } from '../cache/key.ts';
import { createBuiltin } from '../cache/semantic/builtin.ts';
import { createVectorIndex } from '../cache/semantic/vector-index.ts';
import type { Admission } from '../contracts/admission.ts';
import type { CachePurge } from '../contracts/cache.ts';
import type { CacheNews, CacheNewsPort, RemoteAnswers } from '../contracts/cache-ports.ts';
import type { CacheTold } from '../contracts/cache-view.ts';
import type { Config } from '../contracts/config.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';
import type { CacheOutcome } from '../contracts/outcomes.ts';
import type { CallObserver } from '../contracts/ports.ts';
import type { VectorIndex } from '../contracts/vectors.ts';
import { overheadMs, serverTiming } from '../observability/overhead.ts';
import type { CounterHandle } from '../observability/recorder.ts';
import { createAlike } from '../pipeline/cache/alike.ts';
import { createGive, missHeader } from '../pipeline/cache/give.ts';
import { entryOf } from '../pipeline/cache/keep-answer.ts';
import { createLookup } from '../pipeline/cache/lookup.ts';
import { RecordingSink } from '../pipeline/cache/recorder.ts';
import type { Seams, StageEntries } from '../pipeline/flows.ts';
import type { InnerCalls } from '../pipeline/inner-call.ts';
import type { Settle } from '../pipeline/settle.ts';
import type { SharedAnswers } from '../pipeline/shared/shared-answers.ts';
import { dialectByName } from '../registry/dialects.ts';
import type { Metering } from './metering.ts';

/** Fresh answers that are fetched at once, for entries that are over. */
const MAX_REFRESHES = 256;
/** A purge pushes no question out that an index of this size would still hold. */
const LEAST_NEWS = 100;
/** A purge is heard of sooner. */
const LATE_MS = 5_000;
/** Of a target without a clock of its own. */
const REFRESH_MS = 900_000;

export interface Cache {
  readonly stages: Pick<StageEntries, 'lookup'>;
  readonly recorder: Seams['sinks'][number];
  readonly observer: CallObserver;
  /** Follows a configuration. */
  configure(config: Config): void;
  /** Reads the gauges. */
  measure(): void;
  /** Memory of the answers, in bytes, without V8's own. */
  keptBytes(): number;
  /** What is kept, once those that fit `wanted` are gone: null = none; in Redis where this worker is the one that asks it. */
  told(wanted: CachePurge | null, shared: boolean): Promise<CacheTold>;
}

export function createCache(
  ports: Pick<GatewayPorts, 'clock' | 'offload' | 'sharedAnswers' | 'cacheNews' | 'vectors'>,
  { recorder }: Pick<Metering, 'recorder'>,
  admission: Pick<Admission, 'headers'>,
  settle: Settle,
  inner: InnerCalls,
  sharing: Pick<SharedAnswers, 'share' | 'purged'>,
  eased: () => boolean = () => false,
): Cache {
  const { clock } = ports;
  const store = new AnswerStore(1);
  let current: Config;
  let shared: RemoteAnswers | null = null;
  let news: CacheNewsPort | null = null;
  let maxEntries = 1;
  const refreshing = new Set<string>();
  const entries = recorder.gauge('headgate_cache_entries', []);
  const bytes = recorder.gauge('headgate_cache_bytes', []);
  const stored = recorder.counter('headgate_cache_stored_total', ['exact']);
  /** Looked up once each: a call has one. */
  const lookups: { [Type in CacheOutcome['type']]: { [Result in CacheOutcome['result']]?: CounterHandle } } =
    {
      exact: {},
      semantic: {},
    };
  const looked = ({ result, type }: CacheOutcome): void => {
    const counter = (lookups[type][result] ??= recorder.counter('headgate_cache_lookups_total', [
      result,
      type,
    ]));
    counter.add(1);
  };
  const give = createGive({ clock, dialect: dialectByName, admission, settle, serverTiming, overheadMs });

  const fault = (part: string): void => recorder.counter('headgate_cache_faults_total', [part]).add(1);
  const key = createRequestKey();
  const { offload } = ports;
  const index = createVectorIndex(1, offload === null ? null : (wanted) => offload.nearest(wanted));
  /** Where questions are looked for now. */
  let questions: VectorIndex = index;
  const purges = new Purges();
  /** Others are served between its slices. */
  const purge = (wanted: CachePurge, went?: (id: string, createdMs: number) => void): Promise<number> =>
    store.purge(wanted, () => new Promise((served) => setImmediate(served)), went);
  /** What this worker put into Redis between the purge and hearing of it goes too. */
  const purgeHere = async (wanted: CachePurge): Promise<void> => {
    purges.add(wanted, clock.now());
    void sharing.purged(current, false);
    const late: string[] = [];
    const since = clock.wall() - LATE_MS;
    await purge(wanted, (id, createdMs) => {
      if (createdMs >= since) late.push(id);
    });
    for (const id of late) await shared?.purge({ id });
  };
  const hear = (told: CacheNews): void => {
    if (told.kind === 'purged') void purgeHere(told.wanted);
    else if (told.row.untilMs > clock.wall()) index.put(told.row);
  };
  const alike = createAlike({
    inner,
    dialect: dialectByName,
    key,
    inspect: inspectBody,
    embed: createBuiltin(),
    now: () => clock.now(),
    failed: fault,
  });
  const lookup = createLookup({
    alike,
    eased,
    index: () => questions,
    share: (call, wish) => sharing.share(call, wish),
    store,
    shared: () => shared,
    key,
    wall: () => clock.wall(),
    now: () => clock.now(),
    inspect: inspectBody,
    looked,
    give,
    refresh(call, key) {
      if (refreshing.has(key) || refreshing.size >= MAX_REFRESHES) return;
      refreshing.add(key);
      const over = (): void => void refreshing.delete(key);
      const { totalMs } = call.plan!.targets[0]!.timeouts;
      inner.repeat(call, totalMs || REFRESH_MS).answer.then(over, over);
    },
  });

  const needed: StageEntries['lookup']['needed'] = ({ config }) => config.cache !== undefined;
  const recording = { now: () => clock.now(), header: missHeader };
  return {
    stages: { lookup: { stage: lookup, needed, inner: false } },
    recorder: {
      create: (sink, call) => new RecordingSink(sink, call, recording),
      needed: ({ config }, { flow }) => config.cache !== undefined && flow.includes('lookup'),
      inner: false,
    },
    observer: {
      settled(call) {
        const { caching } = call;
        if (caching === null) return;
        call.caching = null;
        // What nobody can keep up with is not kept.
        if (eased()) return;
        const entry = entryOf(call, caching, clock.wall(), Math.random());
        if (entry === null || purges.reach(entry, call.startedAt)) return;
        store.put(entry);
        if (caching.policy.shared && shared !== null) {
          const written = shared.put(entry);
          call.sharing?.until(written);
        }
        stored.add(1);
        if (caching.alike === null) return;
        const { question, vector, ttlMs } = caching.alike;
        const row = { id: entry.id, ...question, vector, untilMs: clock.wall() + ttlMs };
        questions.put(row);
        if (caching.policy.shared && questions === index) news?.tell({ kind: 'asked', row }, maxEntries);
      },
    },
    configure(config) {
      current = config;
      store.resize(config.cache?.maxBytes ?? 1);
      maxEntries = config.cache?.maxEntries ?? 1;
      index.resize(maxEntries);
      shared = ports.sharedAnswers?.(config) ?? null;
      questions = ports.vectors?.(config, () => fault('vectors')) ?? index;
      news = ports.cacheNews?.(config, hear) ?? null;
    },
    keptBytes: () => store.heldBytes,
    measure() {
      entries.set(store.size);
      bytes.set(store.bytes);
    },
    async told(wanted, also) {
      let gone = 0;
      let missed = false;
      if (wanted !== null) {
        purges.add(wanted, clock.now());
        await sharing.purged(current, also);
        gone = await purge(wanted);
        if (also && shared !== null) {
          const there = await shared.purge(wanted);
          missed = there === null;
          gone += there ?? 0;
        }
        // Behind Redis: who was asked meanwhile may have read from it what was still there.
        if (also) {
          news?.tell({ kind: 'purged', wanted }, Math.max(maxEntries, LEAST_NEWS));
          if (shared !== null) gone += await purge(wanted);
        }
      }
      return { entries: store.size, bytes: store.bytes, gone, missed };
    },
  };
}
