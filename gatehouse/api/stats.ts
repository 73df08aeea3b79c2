// Statistics of calls over time.
import {
  arePaired,
  LOG_FACETS,
  type LogFacet,
  type LogFilter,
  type LogReads,
  STAT_PAIRS,
  type StatField,
  type StatStep,
} from '../../src/contracts/log-store.ts';
import { SUMS } from '../../src/observability/requests/cells.ts';
import { ApiError } from '../errors/api-error.ts';
import { filterOf, filterQuery, timeOf } from '../logs/filter.ts';
import { KeptDays } from '../logs/kept-days.ts';
import { logOf, teamsOf } from '../logs/reader.ts';
import { METRICS } from '../logs/stat-view.ts';
import { type StatsQuestion, statsOf } from '../logs/stats.ts';
import { windowOf } from '../logs/window.ts';
import type { ApiContext } from './context.ts';
import { choice, text } from './fields.ts';
import { statsSchema } from './log-fields.ts';
import { READ_LOG } from './logs.ts';
import type { ApiRoute } from './route.ts';

const DEFAULT_METRICS = [
  'requests',
  'ok',
  'cancelled',
  ...METRICS.filter((name) => name.startsWith('errors.')),
];
const DEFAULT_TOP = 6;
const MAX_TOP = 100;

/** A filter of the log may be there only as far as sums are kept by it. */
const facetQuery = Object.fromEntries(LOG_FACETS.map((name) => [name, filterQuery[name]!]));

export function statsRoutes(context: ApiContext): ApiRoute[] {
  const keptOf = keptDaysOf();
  return [
    {
      method: 'GET',
      path: '/api/stats',
      access: READ_LOG,
      operation: 'get-stats',
      summary:
        'Calls, errors, tokens, cost and times over time, as a series for each group. Read from sums made when rows were written: a year costs what a day does.',
      query: {
        since: filterQuery['since']!,
        until: filterQuery['until']!,
        step: choice(
          ['minute', 'hour', 'day'],
          'Width of the points; by the length of the window if absent.',
        ),
        group: choice(LOG_FACETS, 'One series for each value.'),
        top: {
          type: 'string',
          pattern: '^\\d{1,3}$',
          'x-expected': `1 to ${MAX_TOP}`,
          description: `So many groups by themselves, ${DEFAULT_TOP} by default; all others together.`,
        },
        by: choice(SUMS, 'What makes a group great; `requests` by default.'),
        metrics: text(
          `Series, separated by commas: ${METRICS.join(', ')}. By default requests by outcome and errors by owner.`,
          2_048,
        ),
        compare: choice(['previous'], 'Also the window before, of the same length.'),
        ...facetQuery,
      },
      answer: { status: 200, schema: statsSchema },
      async handle(request) {
        const log = logOf(context);
        const { query } = request;
        const now = context.now();
        const teams = await teamsOf(context, request.actor);
        const group = (query['group'] ?? null) as LogFacet | null; // a choice of the schema
        const question: StatsQuestion = {
          window: windowOf(
            timeOf(query, 'since', now),
            timeOf(query, 'until', now),
            (query['step'] ?? null) as StatStep | null,
            now,
          ),
          group,
          filters: filtersOf(filterOf(query, teams, now), group),
          metrics: metricsOf(query['metrics']),
          top: topOf(query['top']),
          by: (query['by'] ?? 'requests') as StatsQuestion['by'],
          compare: query['compare'] !== undefined,
        };
        return { status: 200, body: await statsOf(log, question, keptOf(log)) };
      },
    },
  ];
}

/** What is kept of a log, for as long as that one is read. */
function keptDaysOf(): (log: LogReads) => KeptDays {
  const kept = new WeakMap<LogReads, KeptDays>();
  return (log) => {
    let days = kept.get(log);
    if (days === undefined) kept.set(log, (days = new KeptDays(() => performance.now())));
    return days;
  };
}

/** @throws ApiError 400: sums are kept by each field, and by two of the paired ones. */
function filtersOf({ values }: LogFilter, group: LogFacet | null): StatField[] {
  const filters = (Object.entries(values) as [LogFacet, readonly string[]][]).map(
    ([field, list]): StatField => ({ field, values: list }),
  );
  const fields = [...(group === null ? [] : [group]), ...filters.map(({ field }) => field)];
  const distinct = new Set(fields);
  const known =
    distinct.size <= 1 || (distinct.size === 2 && fields.length === 2 && arePaired(fields[0]!, fields[1]!));
  if (!known)
    throw new ApiError(
      400,
      'unsupported_combination',
      `Statistics are kept by each field, and by the pairs ${STAT_PAIRS.map((pair) => pair.join(' and ')).join(', ')}: a filter and a group, or two filters. The log itself takes any filter.`,
      { param: filters[0]?.field ?? 'group' },
    );
  return filters;
}

/** @throws ApiError 400 */
function metricsOf(stated: string | undefined): readonly string[] {
  if (stated === undefined) return DEFAULT_METRICS;
  const metrics = stated.split(',').map((one) => one.trim());
  const unknown = metrics.find((one) => !METRICS.includes(one));
  if (unknown !== undefined)
    throw new ApiError(400, 'invalid_value', `metrics: there is no \`${unknown.slice(0, 60)}\``, {
      param: 'metrics',
    });
  return metrics;
}

/** @throws ApiError 400 */
function topOf(stated: string | undefined): number {
  const top = Number(stated ?? DEFAULT_TOP);
  if (top < 1 || top > MAX_TOP)
    throw new ApiError(400, 'invalid_value', `top: expected 1 to ${MAX_TOP}`, { param: 'top' });
  return top;
}
