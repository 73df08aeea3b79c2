// What becomes of a batch job of Bedrock or Vertex AI that was asked after: one that is over is charged by what it left in storage, where
// that may be read; else it stands in the ledger without a cost, which is not 0.
import type { BatchState } from '../../contracts/batch-watch.ts';
import type { Call } from '../../contracts/call.ts';
import type { RingKey } from '../../contracts/lane.ts';
import type { Clock, LogPort } from '../../contracts/ports.ts';
import type { ProviderConfig } from '../../contracts/provider-config.ts';
import type { BatchSum } from './batch-sums.ts';
import type { Job } from './job-object.ts';
import { type JobRead, type JobResultsDeps, readJob } from './job-results.ts';

export interface FollowJobDeps extends JobResultsDeps {
  readonly clock: Pick<Clock, 'wall'>;
  readonly log: Pick<LogPort, 'warn'>;
}

/** Rights that are missing can be given for so long after its end, and what it left be read. */
const PATIENCE_MS = 24 * 3_600_000;
/** A part that no reading comes to. */
const REST = -1;

/** @param call in whose name it is charged. Never rejects. */
export async function followJob(
  deps: FollowJobDeps,
  provider: ProviderConfig,
  key: RingKey | null,
  call: Call,
  job: Job,
): Promise<BatchState> {
  if (!job.over) return 'open';
  if (job.answered === 0) return 'over';
  const read = await readOf(deps, provider, key, call, job);
  if (read.kind === 'charged') return 'over';
  // It says of no answer, and there is none.
  if (read.kind !== 'later' && job.failed && job.answered === null) return 'over';
  const told = { provider: provider.name, batch: job.id, why: read.why };
  const { endedAt } = job;
  if (read.kind !== 'never' && (endedAt === null || deps.clock.wall() - endedAt < PATIENCE_MS)) {
    deps.log.warn(told, 'what a batch job used cannot be read yet');
    return 'unread';
  }
  deps.log.warn(told, 'what a batch job used is not known: it is in the ledger without a cost');
  const { charges } = deps;
  const sums = [untold(job)];
  // Of one that was read in part the rest is not known either.
  if (!(await charges.charge(call, job.id, 'told', null, sums)))
    await charges.charge(call, job.id, 'read', REST, sums);
  return 'over';
}

function readOf(
  deps: FollowJobDeps,
  provider: ProviderConfig,
  key: RingKey | null,
  call: Call,
  job: Job,
): JobRead | Promise<JobRead> {
  if (provider.batchStorage === undefined)
    return { kind: 'never', why: '`batchStorage` does not say that its answers may be read' };
  if (job.results === null) return { kind: 'never', why: 'its answers are not in storage that is read' };
  return readJob(deps, provider, key, call, job, job.results);
}

/** No operation that counts tokens: nothing is to be made of what was not counted. */
function untold({ model, answered }: Job): BatchSum {
  const none = { input: null, output: null, cacheRead: null, cacheWriteShort: null, cacheWriteLong: null };
  const usage = { ...none, reasoning: null, tier: 'batch' as const, requests: answered ?? 1 };
  return { operation: 'passthrough', model, price: null, usage };
}
