// Charges at the prices of now: after a price was mended. Begun here, done by the gatehouse by itself (gatehouse/recalculate).
import type { LogJob } from '../../src/contracts/log-store.ts';
import { ApiError } from '../errors/api-error.ts';
import { timeOf } from '../logs/filter.ts';
import { logOf, teamsOf } from '../logs/reader.ts';
import { type Difference, isRecalculateState, type RecalculateFilter } from '../recalculate/job-state.ts';
import type { Recalculator } from '../recalculate/recalculator.ts';
import { allCharged } from './all-charged.ts';
import { type ApiContext, eventOf } from './context.ts';
import { choice, flag, list, object, text } from './fields.ts';
import { READ_LOG } from './logs.ts';
import type { ApiRequest, ApiRoute } from './route.ts';

const MAX_VALUES = 100;
const names = (description: string) => ({
  type: 'array' as const,
  maxItems: MAX_VALUES,
  items: { type: 'string' as const, minLength: 1, maxLength: 512 },
  description: `${description} A \`*\` at the end fits any rest; absent or empty: all.`,
});
const filters = {
  models: names('Public names, `provider/model`, or models at their provider.'),
  providers: names('Names of providers.'),
  keys: names('Names of callers’ keys.'),
  teams: names('Names of teams.'),
};
const count = (description: string) => ({ type: 'integer' as const, description });
const differences = (of: string) =>
  list(
    object({
      name: text(
        `Of the ${of}; empty = those that have none, and all others where there are more than 1,000.`,
      ),
      charges: count('That come to something else.'),
      differenceNano: count('Nanodollars by which they come to more; below 0: to less.'),
    }),
    'Greatest difference first.',
  );

const jobSchema = object(
  {
    id: text(''),
    dryRun: flag('Nothing is written: it says what would be.'),
    since: count('ms since 1970.'),
    until: count('Exclusive.'),
    ...filters,
    by: text('Who asked.'),
    createdAt: count('ms since 1970.'),
    updatedAt: count('ms since 1970.'),
    done: flag('It is over.'),
    error: text('Why it ended before its end; empty: it did not.'),
    at: count('All charges before were looked at, ms since 1970.'),
    progress: { type: 'number', minimum: 0, maximum: 1, description: 'Share of the window that is done.' },
    charges: count('Charges that fit.'),
    corrected: count('Of them, those that come to something else.'),
    priced: count('Of these, those that had no price before.'),
    unpriced: count('Charges without a price, before and now.'),
    kept: count('Charges that would have no price any more: they stay as they are.'),
    beforeNano: count('What the charges that fit came to, in nanodollars.'),
    afterNano: count('What they come to now.'),
    differenceNano: count('By how much that is more.'),
    byKey: differences('key'),
    byTeam: differences('team'),
  },
  ['id', 'dryRun', 'since', 'until', 'by', 'createdAt', 'updatedAt', 'done', 'error', 'at', 'progress'],
);

export function recalculationRoutes(context: ApiContext): ApiRoute[] {
  return [
    {
      method: 'POST',
      path: '/api/ledger/recalculate',
      access: { resource: 'log', verb: 'update' },
      operation: 'recalculate-ledger',
      summary:
        'Prices charges of a window at the prices of now, by itself, over restarts too. Each charge stays as it was made, with the correction beside it; sums, log and budgets follow. With `dryRun` nothing is written.',
      body: object(
        {
          since: text('A time in ISO 8601, ms since 1970, or such as `24h` before now.'),
          until: text('As `since`, exclusive; now if absent.'),
          ...filters,
          dryRun: flag('Say what would change, and change nothing.'),
        },
        ['since'],
      ),
      answer: { status: 202, schema: jobSchema },
      async handle(request) {
        const recalculator = await recalculatorOf(context, request);
        const { dryRun = false, ...stated } = request.body as Stated; // the schema looked
        const filter = filterOf(stated, context.now());
        // A charge that comes behind the reader would keep its price, and nobody would know.
        if (!(await allCharged(context)))
          throw new ApiError(
            503,
            'gateway_busy',
            'Charges of calls that ended wait to be read, and would be left out: ask again.',
            { headers: { 'retry-after': '5' } },
          );
        const job = await recalculator.begin(filter, { dryRun, by: request.actor.name });
        if (job === null)
          throw new ApiError(
            409,
            'recalculation_running',
            'Another recalculation is not over: wait for it, or cancel it (GET /api/ledger/recalculations).',
          );
        if (!dryRun) {
          const deed = { action: 'ledger.recalculate', target: job.id, after: { ...filter } };
          await context.store.commit([], eventOf(context, request, deed));
        }
        return { status: 202, body: viewOf(job)[0]! };
      },
    },
    {
      method: 'GET',
      path: '/api/ledger/recalculations',
      access: READ_LOG,
      operation: 'list-recalculations',
      summary: 'Recalculations of the ledger, newest first, 100 at most.',
      query: { done: choice(['true', 'false'], 'Only those that are over, or go on.') },
      answer: {
        status: 200,
        schema: object({ items: list(jobSchema, ''), next: text('Always null.') }, ['items', 'next']),
      },
      async handle(request) {
        const recalculator = await recalculatorOf(context, request);
        const { done } = request.query;
        const jobs = (await recalculator.jobs()).filter(
          (job) => done === undefined || String(job.done) === done,
        );
        return { status: 200, body: { items: jobs.flatMap(viewOf), next: null } };
      },
    },
    {
      method: 'GET',
      path: '/api/ledger/recalculations/{id}',
      access: READ_LOG,
      operation: 'get-recalculation',
      summary: 'How far a recalculation is, and what it changes, by key and team.',
      answer: { status: 200, schema: jobSchema },
      async handle(request) {
        const recalculator = await recalculatorOf(context, request);
        const jobs = await recalculator.jobs();
        return { status: 200, body: oneOf(jobs.find(({ id }) => id === request.params['id'])) };
      },
    },
    {
      method: 'POST',
      path: '/api/ledger/recalculations/{id}/cancel',
      access: { resource: 'log', verb: 'update' },
      operation: 'cancel-recalculation',
      summary: 'Ends a recalculation: what it has corrected stays corrected.',
      answer: { status: 200, schema: jobSchema },
      async handle(request) {
        const recalculator = await recalculatorOf(context, request);
        const job = await recalculator.cancel(request.params['id']!);
        const view = oneOf(job ?? undefined);
        const deed = { action: 'ledger.recalculate.cancel', target: job!.id };
        await context.store.commit([], eventOf(context, request, deed));
        return { status: 200, body: view };
      },
    },
  ];
}

type Stated = { since: string; until?: string; dryRun?: boolean } & Partial<
  Pick<RecalculateFilter, 'models' | 'providers' | 'keys' | 'teams'>
>;

function filterOf(
  { since: from, until: to, models = [], providers = [], keys = [], teams = [] }: Omit<Stated, 'dryRun'>,
  now: number,
): RecalculateFilter {
  const since = timeOf({ since: from }, 'since', now) ?? now;
  const until = to === undefined ? now : Math.min(now, timeOf({ until: to }, 'until', now) ?? now);
  if (since >= until)
    throw new ApiError(400, 'invalid_value', 'since: must be before until, and before now', {
      param: 'since',
    });
  return { since, until, models, providers, keys, teams };
}

/** @throws ApiError 404, 403 */
async function recalculatorOf(context: ApiContext, request: ApiRequest): Promise<Recalculator> {
  logOf(context);
  if ((await teamsOf(context, request.actor)) !== null)
    throw new ApiError(403, 'forbidden', 'The ledger of all teams is not for one of them to price anew.');
  return context.recalculator()!; // there is one with each log
}

/** @throws ApiError 404 */
function oneOf(job: LogJob | undefined): object {
  const [view] = job === undefined ? [] : viewOf(job);
  if (view === undefined) throw new ApiError(404, 'not_found', 'There is no such recalculation.');
  return view;
}

function viewOf({ id, done, updatedAt, state }: LogJob): object[] {
  if (!isRecalculateState(state)) return [];
  const { cursor: _cursor, prices: _prices, steps: _steps, untold: _untold, owner: _owner, ...told } = state;
  const { since, until, at, beforeNano, afterNano } = told;
  return [
    {
      id,
      ...told,
      updatedAt,
      done,
      progress: done && told.error === '' ? 1 : Math.min(1, Math.max(0, (at - since) / (until - since))),
      differenceNano: afterNano - beforeNano,
      byKey: sorted(told.byKey),
      byTeam: sorted(told.byTeam),
    },
  ];
}

function sorted(differences: Readonly<Record<string, Difference>>): object[] {
  return Object.entries(differences)
    .map(([name, difference]) => ({ name, ...difference }))
    .sort((one, other) => Math.abs(other.differenceNano) - Math.abs(one.differenceNano));
}
