// Routes of the operator's own under one configuration, compiled.
import type { Dialect, DialectName } from '../../contracts/dialect.ts';
import type { JobConfig } from '../../contracts/job.ts';
import type { ModelRoute, Route } from '../../contracts/route.ts';
import type { Sink } from '../../contracts/sink.ts';
import { compileJob, type Job } from '../../jobs/job.ts';
import { JobSink } from '../../pipeline/job-run.ts';
import { operations } from '../../registry/operations.ts';
import { saysByPath } from './chat-routes.ts';
import type { Match } from './route-table.ts';

export interface JobTable {
  /** By its path; a slash at the end does not matter. */
  find(path: string): Match | null;
  /** Stands between a call on the route and its client; null = the route is none of these. */
  around(route: Route, sink: Sink): JobSink | null;
}

/** @returns null when there are none: then they cost nothing. */
export function createJobTable(
  jobs: readonly JobConfig[] | undefined,
  dialect: (name: DialectName) => Dialect,
): JobTable | null {
  if (jobs === undefined || jobs.length === 0) return null;
  const byName = new Map<string, Job>();
  const byPath = new Map<string, Match>();
  for (const config of jobs) {
    const { name, path, model } = config;
    const inPath = saysByPath(config.dialect);
    byName.set(name, compileJob(config, dialect(config.dialect), inPath));
    const route: ModelRoute = {
      kind: 'model',
      operation: operations.chat,
      dialect: config.dialect,
      template: path,
      methods: ['POST'],
      open: false,
      stream: inPath ? false : null,
      job: name,
    };
    byPath.set(path, { route, params: inPath ? { model } : {}, prefix: null, ambiguous: false, hint: null });
  }
  return {
    find: (path) => byPath.get(path) ?? (path.endsWith('/') ? (byPath.get(path.slice(0, -1)) ?? null) : null),
    around(route, sink) {
      const job = route.kind === 'model' && route.job !== undefined ? byName.get(route.job) : undefined;
      return job === undefined ? null : new JobSink(sink, job, dialect);
    },
  };
}
