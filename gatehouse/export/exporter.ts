// Hands the log to storage: each hour by itself once it is over, and windows that somebody asked for. How far a job is stands in
// the log's database behind each object, so that whoever goes on begins there; an object that is written twice is the same.
import type { LogJob, LogReads } from '../../src/contracts/log-store.ts';
import type { LogExportConfig } from '../../src/contracts/log-receivers.ts';
import type { Logger } from '../../src/observability/logger.ts';
import type { Bucket } from './bucket.ts';
import { correctionPages, PART_ROWS, partOf, rowPages, within } from './hours.ts';
import { freshState, isExportState, type ExportState } from './job-state.ts';
import { HOUR_MS, hourOf, objectName } from './names.ts';

export const EXPORT_KIND = 'export';
/** Folder of what was corrected, below the prefix. */
const CORRECTIONS = 'corrections';
const LOOK_MS = 15_000;
/** Another gatehouse that shares the database goes on with a job that nobody touched for so long. */
const LEASE_MS = 180_000;

export interface ExporterDeps {
  readonly log: Pick<LogReads, 'page' | 'correctionsOf' | 'jobs' | 'putJob'>;
  readonly bucket: Bucket;
  readonly logger: Pick<Logger, 'warn'>;
  /** ms since 1970. */
  now(): number;
  /** All that was in the spool then is in the log. */
  caughtUpAt(): number;
  id(): string;
  readonly partRows?: number;
}

export interface Exporter {
  start(): void;
  /** All there is to do now. */
  round(): Promise<void>;
  /** Begins a window that is exported by itself. @param until exclusive, ms since 1970 */
  ask(since: number, until: number): Promise<LogJob>;
  jobs(): Promise<readonly LogJob[]>;
  /** Resolves when the object under way is there. */
  stop(): Promise<void>;
}

export function createExporter(
  config: Pick<LogExportConfig, 'endpoint' | 'bucket' | 'prefix' | 'delayMs'>,
  { log, bucket, logger, now, caughtUpAt, id, partRows = PART_ROWS }: ExporterDeps,
): Exporter {
  const me = id();
  const place = `${config.endpoint} ${config.bucket} ${config.prefix}`;
  /** Those that go on for ever, and where their objects lie. */
  const endless = { hourly: '', corrections: CORRECTIONS } as const;
  const idOf = (mode: keyof typeof endless): string => `${mode} ${place}`;
  const readers = { rows: rowPages(log), corrections: correctionPages(log) };
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let failing = false;

  async function round(): Promise<void> {
    const jobs = await log.jobs(EXPORT_KIND);
    if (config.delayMs !== null) {
      for (const mode of ['hourly', 'corrections'] as const) {
        const own = jobs.find((job) => job.id === idOf(mode)) ?? (await endlessJob(mode));
        if (own !== null) await advance(own, readyUntil(mode, config.delayMs));
      }
    }
    for (const job of jobs.toReversed()) {
      if (job.done || stopped || !isExportState(job.state) || job.state.mode !== 'window') continue;
      await advance(job, Number.MAX_SAFE_INTEGER);
    }
  }

  /** Hours are taken that ended so long ago, and of which nothing waits in the spool. */
  function readyUntil(mode: keyof typeof endless, delayMs: number): number {
    const over = now() - delayMs;
    return hourOf(mode === 'hourly' ? Math.min(over, caughtUpAt()) : over);
  }

  async function endlessJob(mode: keyof typeof endless): Promise<LogJob | null> {
    const fresh = freshState(mode, hourOf(now()), Number.MAX_SAFE_INTEGER);
    const state = { ...fresh, folder: endless[mode] };
    const job = { id: idOf(mode), kind: EXPORT_KIND, done: false, updatedAt: now(), state };
    return (await log.putJob(job, null)) ? job : null;
  }

  async function advance(found: LogJob, readyMs: number): Promise<void> {
    let job = found;
    if (!isExportState(job.state)) return;
    const { owner } = job.state;
    if (owner !== '' && owner !== me && now() - job.updatedAt < LEASE_MS) return;
    while (!stopped && isExportState(job.state)) {
      const state: ExportState = job.state;
      if (state.hour >= Math.min(state.until, readyMs)) break;
      if (state.owner !== me) {
        const own = await save(job, { ...state, owner: me });
        if (own === null) return;
        job = own;
        continue;
      }
      const next = await step(state);
      if (next === null) return;
      const saved = await save(job, next);
      if (saved === null) return;
      job = saved;
      if (job.done) return;
    }
    // For whoever looks next, another gatehouse perhaps.
    if (isExportState(job.state) && job.state.owner === me) await save(job, { ...job.state, owner: '' });
  }

  /** One object. @returns how far the job is now; null = it could not be written, and is tried again */
  async function step(state: ExportState): Promise<ExportState | null> {
    const span = within(state, state.hour);
    const read = state.mode === 'corrections' ? readers.corrections : readers.rows;
    const { body, rows, next } = await partOf(read, span, state.cursor, partRows);
    const folder = state.folder === '' ? '' : `${state.folder}/`;
    const outcome =
      rows === 0
        ? ({ kind: 'taken' } as const)
        : await bucket.put(`${folder}${objectName(state.hour, state.part)}`, body);
    if (outcome.kind !== 'taken') {
      if (!failing)
        logger.warn({ reason: outcome.reason }, 'the request log cannot be exported: tried again');
      failing = true;
      // What was asked for says why it ended; hours wait until somebody mends it.
      if (outcome.kind === 'refused' && state.mode === 'window') return { ...state, error: outcome.reason };
      return null;
    }
    if (rows > 0) failing = false;
    const counted = {
      ...state,
      rows: state.rows + rows,
      objects: state.objects + (rows > 0 ? 1 : 0),
      error: '',
    };
    return next === null
      ? { ...counted, hour: state.hour + HOUR_MS, cursor: null, part: 0 }
      : { ...counted, cursor: next, part: state.part + (rows > 0 ? 1 : 0) };
  }

  async function save(job: LogJob, state: ExportState): Promise<LogJob | null> {
    const done = state.mode === 'window' && (state.error !== '' || state.hour >= state.until);
    const changed = {
      ...job,
      done,
      updatedAt: Math.max(now(), job.updatedAt + 1),
      state: { ...state, owner: done ? '' : state.owner },
    };
    return (await log.putJob(changed, job.updatedAt)) ? changed : null;
  }

  function next(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      running = running.then(round).then(next, (err: unknown) => {
        logger.warn({ err }, 'the request log could not be read for its export');
        next();
      });
    }, LOOK_MS);
  }

  return {
    start: next,
    round,
    async ask(since, until) {
      const own = id();
      const state = { ...freshState('window', hourOf(since), until), since, folder: `exports/${own}` };
      const job = { id: own, kind: EXPORT_KIND, done: false, updatedAt: now(), state };
      await log.putJob(job, null);
      running = running.then(round).catch(() => undefined);
      return job;
    },
    jobs: () => log.jobs(EXPORT_KIND),
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
