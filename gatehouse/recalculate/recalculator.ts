// Prices charges anew, some at a time, as a job that goes on over restarts: what a step corrects, with all that follows from it, is
// written together with how far the job is, so that a gatehouse that dies anywhere leaves no charge out and corrects none twice.
// What comes to the same is left alone: a job that is asked for again does nothing.
import type { GatehouseAsk } from '../../src/contracts/gatehouse-ipc.ts';
import type { LogJob, LogReads } from '../../src/contracts/log-store.ts';
import type { Logger } from '../../src/observability/logger.ts';
import { HOURS_KEPT_MS, MINUTES_KEPT_MS } from '../logs/window.ts';
import {
  freshState,
  isRecalculateState,
  type RecalculateFilter,
  type RecalculateState,
} from './job-state.ts';
import { type PricesInForce, pricesInForce } from './prices.ts';
import { stepOf } from './step.ts';

export const RECALCULATE_KIND = 'recalculate';
/** Charges of one step, and the rest behind each: whoever asks the API is answered. */
const STEP_CHARGES = 250;
const REST_MS = 5;
/** How often it is looked whether there is something to do, or to do again. */
const LOOK_MS = 2_000;
/** Another gatehouse that shares the database goes on with a job that nobody touched for so long. */
const LEASE_MS = 30_000;

export interface RecalculatorDeps {
  readonly log: Pick<LogReads, 'chargesOf' | 'correct' | 'jobs' | 'putJob'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Other gatehouses may have the same database. */
  readonly shared: boolean;
  /** Asks the primary. */
  ask(ask: GatehouseAsk): Promise<unknown>;
  /** ms since 1970. */
  now(): number;
  id(): string;
  /** Counts corrections, for metrics. */
  corrected(count: number): void;
  readonly stepCharges?: number;
}

export interface Recalculator {
  start(): void;
  /** All there is to do now. */
  round(): Promise<void>;
  /** Begins one. @returns null: another one is not over. */
  begin(
    filter: RecalculateFilter,
    how: { readonly dryRun: boolean; readonly by: string },
  ): Promise<LogJob | null>;
  /** Newest first. */
  jobs(): Promise<readonly LogJob[]>;
  /** Ends one before its end: what it has corrected stays. @returns it as it is then; null: nobody knows it */
  cancel(id: string): Promise<LogJob | null>;
  /** Resolves when the step under way is written. */
  stop(): Promise<void>;
}

export function createRecalculator(deps: RecalculatorDeps): Recalculator {
  const { log, logger, shared, ask, now, id, stepCharges = STEP_CHARGES } = deps;
  const me = id();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;

  async function round(): Promise<void> {
    const open = (await log.jobs(RECALCULATE_KIND)).filter(({ done }) => !done);
    if (open.length === 0) return;
    for (const job of open.toReversed()) if (!stopped) await advance(job);
  }

  async function advance(found: LogJob): Promise<void> {
    if (!isRecalculateState(found.state)) return;
    const { owner } = found.state;
    if (shared && owner !== '' && owner !== me && now() - found.updatedAt < LEASE_MS) return;
    const prices = await pricesInForce(ask);
    let job: LogJob | null = found;
    while (job !== null && !job.done && !stopped) {
      job = await step(job, prices);
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
  }

  /** @returns the job as it is then; null: somebody else has it, and it is to be read anew. @throws what store and primary throw */
  async function step(job: LogJob, prices: PricesInForce): Promise<LogJob | null> {
    const state = job.state as unknown as RecalculateState; // looked at by `advance`, and only made by `stepOf` since
    if (state.untold.length > 0) {
      const token = `${job.id} ${state.steps}`;
      await ask({ do: 'recharge', token, charges: state.untold });
      if (state.error !== '') return write(job, { ...state, untold: [] }, []);
    }
    if (state.prices !== '' && state.prices !== prices.print)
      return write(job, { ...state, untold: [], error: 'prices changed while it ran: begin it anew' }, []);
    const { since, until, cursor } = state;
    const charges = await log.chargesOf({ since, until, after: cursor, limit: stepCharges });
    const next = stepOf(state, charges, prices);
    const over = charges.length < stepCharges;
    const after = { ...next.state, prices: prices.print, ...(over && { at: until }) };
    return write(job, after, next.corrections);
  }

  async function write(
    job: LogJob,
    state: RecalculateState,
    corrections: ReturnType<typeof stepOf>['corrections'],
  ): Promise<LogJob | null> {
    const at = now();
    const done = state.untold.length === 0 && (state.error !== '' || state.at >= state.until);
    const next: LogJob = {
      ...job,
      done,
      updatedAt: Math.max(at, job.updatedAt + 1),
      state: { ...state, owner: done ? '' : me },
    };
    const written = await log.correct({
      job: next,
      before: job.updatedAt,
      at,
      corrections,
      minutesFrom: at - MINUTES_KEPT_MS,
      hoursFrom: at - HOURS_KEPT_MS,
    });
    if (!written) return null;
    if (corrections.length > 0) deps.corrected(corrections.length);
    return next;
  }

  function again(): Promise<void> {
    running = running.then(round).catch((err: unknown) => {
      logger.warn({ err }, 'charges cannot be priced anew now: tried again');
    });
    return running;
  }

  function next(): void {
    if (stopped) return;
    timer = setTimeout(() => void again().then(next), LOOK_MS);
  }

  return {
    start: next,
    round,
    async begin(filter, how) {
      const jobs = await log.jobs(RECALCULATE_KIND);
      if (!how.dryRun && jobs.some((job) => !job.done && job.state['dryRun'] === false)) return null;
      const at = now();
      const state = { ...freshState(filter, { ...how, createdAt: at }) };
      const job: LogJob = { id: id(), kind: RECALCULATE_KIND, done: false, updatedAt: at, state };
      await log.putJob(job, null);
      void again();
      return job;
    },
    jobs: () => log.jobs(RECALCULATE_KIND),
    async cancel(wanted) {
      for (;;) {
        const job = (await log.jobs(RECALCULATE_KIND)).find((one) => one.id === wanted);
        if (job === undefined || job.done || !isRecalculateState(job.state)) return job ?? null;
        // What budgets have yet to hear they still hear.
        const done = job.state.untold.length === 0;
        const state = { ...job.state, error: 'cancelled' };
        const ended = { ...job, done, state, updatedAt: Math.max(now(), job.updatedAt + 1) };
        if (await log.putJob(ended, job.updatedAt)) return ended;
      }
    },
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
