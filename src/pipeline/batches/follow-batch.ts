// Asks a provider how a batch is, for nobody: one that is over is charged as if its caller had read it, once.
import type { BatchState, BatchWatch } from '../../contracts/batch-watch.ts';
import { Call, type RequestHead } from '../../contracts/call.ts';
import { EMPTY_FLOW } from '../../contracts/empty-flow.ts';
import { HeaderBag } from '../../contracts/headers.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { Lane, RingKey } from '../../contracts/lane.ts';
import type { ObjectBook } from '../../contracts/objects.ts';
import type { Speaker } from '../../contracts/plan.ts';
import type { Clock } from '../../contracts/ports.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { Snapshot } from '../../contracts/snapshot.ts';
import { parseObject } from '../../dialects/lenient.ts';
import { principalOf } from '../../governance/principal.ts';
import { filesMadeBy } from '../../names/object-names.ts';
import { operations } from '../../registry/operations.ts';
import { askKeeper, type KeeperQuestion, readKept } from '../../responses/ask-keeper.ts';
import { BackgroundSink } from '../background-sink.ts';
import { batchIn, batchUse, isBatchOver, isCohere } from './batch-object.ts';
import { BatchReader } from './batch-reader.ts';
import { followJob, type FollowJobDeps } from './follow-job.ts';
import { jobIn } from './job-object.ts';

export interface FollowBatchDeps extends FollowJobDeps {
  readonly clock: Clock;
  /** What a provider is asked with for what is at `path`. */
  headersOf(speaker: Speaker, key: RingKey | null, path: string, fromOrigin: boolean): Record<string, string>;
  /** Its answers are whose the batch is. */
  readonly book: Pick<ObjectBook, 'claim'>;
  /** Who has this name now; null = nobody. */
  named(name: string): Principal | null;
}

/** Never rejects. */
export async function followBatch(
  deps: FollowBatchDeps,
  snapshot: Snapshot,
  watch: BatchWatch,
): Promise<BatchState> {
  const { provider, dialect, operation, path, fromOrigin } = watch;
  const target = snapshot.models.at(provider, dialect, operations[operation])?.targets[0];
  if (target === undefined) return 'failed';
  const key = keyOf(target.lane, watch.keyAlias);
  // They rest, or are gone.
  if (key === null && target.provider.keys.length > 0) return 'failed';
  const { upstream } = target.lane;
  const ask = (path: string): KeeperQuestion => {
    const headers = deps.headersOf(target, key, path, fromOrigin);
    return { method: 'GET', path, fromOrigin, headers };
  };
  try {
    const { status, body } = await askKeeper(upstream, ask(path));
    const answer = status === 200 ? parseObject(body.toString()) : null;
    if (answer === null) return 'failed';
    const job = jobIn(answer);
    if (job !== null)
      return await followJob(deps, target.provider, key, readingCall(deps, snapshot, watch), job);
    const object = batchIn(answer);
    if (!isBatchOver(object)) return 'open';
    const owner = { owner: watch.holder.id ?? watch.holder.name, provider };
    for (const id of filesMadeBy(object)) deps.book.claim(id, owner);
    const call = readingCall(deps, snapshot, watch);
    if (batchUse(object, deps.dialect) !== null) {
      await new BatchReader(deps, call, '').object(object);
      return 'over';
    }
    const results = resultsOf(object, path);
    if (results === null) return 'over';
    const reader = new BatchReader(deps, call, results.id);
    if ((await readKept(upstream, ask(results.path), (bytes) => reader.read(bytes))) !== 200) return 'failed';
    await reader.over();
    return 'over';
  } catch {
    // No answer, or half of one: what was read of it is charged, and the rest with the next question.
    return 'failed';
  }
}

/** The key that began it, unless that rests or is gone: then any other. */
function keyOf({ keys, provider }: Lane, alias: string): RingKey | null {
  const tried: RingKey[] = [];
  let any: RingKey | null = null;
  while (tried.length < provider.keys.length) {
    const picked = keys.pick('', tried);
    if (picked === null || picked.config.alias === alias) return picked ?? any;
    any ??= picked;
    tried.push(picked);
  }
  return any;
}

/** Where its answers are, and what they are charged under; null = there are none. */
function resultsOf(object: JsonObject, path: string): { id: string; path: string } | null {
  const [at = '', ...query] = path.split('?');
  // Its results lie in a data set.
  if (isCohere(object)) return null;
  if (object['type'] === 'message_batch')
    return { id: String(object['id']), path: [`${at}/results`, ...query].join('?') };
  if (object['object'] === 'batch') {
    const id = object['output_file_id'] ?? object['output_file'];
    if (typeof id !== 'string' || id === '') return null;
    const file = at.replace(/(?:batches|batch\/jobs)\/[^/]+$/, `files/${encodeURIComponent(id)}/content`);
    return { id, path: [file, ...query].join('?') };
  }
  const [id] = filesMadeBy(object);
  const [, before = '', version] = /^(.*)\/(v\d\w*)\/batches\/[^/]+$/.exec(at) ?? [];
  if (id === undefined || version === undefined) return null;
  return { id, path: `${before}/download/${version}/${id}:download?alt=media` };
}

/** As if the caller that began it read it. */
function readingCall({ clock, named }: FollowBatchDeps, snapshot: Snapshot, watch: BatchWatch): Call {
  const { operation, dialect, template, provider } = watch;
  const headers = new HeaderBag();
  for (const [name, value] of watch.headers) headers.add(name, value);
  const head: RequestHead = { method: 'GET', path: template, query: '', headers };
  const route = {
    ...{ kind: 'model' as const, operation: operations[operation], dialect, template },
    ...{ methods: ['GET'], open: false, stream: null },
  };
  const sink = new BackgroundSink();
  const call = new Call(watch.call, head, route, {}, null, sink, snapshot, EMPTY_FLOW, clock.now());
  call.principal = payerOf(principalOf(watch.holder), named);
  call.customer = watch.customer;
  call.provider = provider;
  return call;
}

/** Budgets that come with a key are those it has now: of older numbers counters know nothing any more. */
function payerOf(then: Principal, named: FollowBatchDeps['named']): Principal {
  const now = named(then.name);
  return now === null || now.id !== then.id ? then : { ...then, rules: now.rules };
}
