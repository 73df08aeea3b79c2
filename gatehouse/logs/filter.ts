// A filter of the log as callers of the API write it: query parameters to what the log is asked, and who may see what.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import {
  LOG_FACETS,
  LOG_IDS,
  LOG_RANGES,
  type LogFacet,
  type LogFilter,
  type LogIdField,
  type LogRange,
} from '../../src/contracts/log-store.ts';
import { ApiError } from '../errors/api-error.ts';

/** Values of one field: more would be asked one after the other. */
const MAX_VALUES = 20;
const MINUTE_MS = 60_000;

const MEANINGS: Readonly<Record<LogFacet | LogIdField, string>> = {
  model: 'Public name of the model.',
  provider: 'Who served it.',
  key: 'Name of the caller’s key.',
  team: 'Team of the caller.',
  user: 'User of the caller.',
  customer: 'End user it was for.',
  organization: 'Organization of the caller.',
  project: 'Project of the caller.',
  operation: 'Such as `chat`, `embeddings`.',
  outcome: '`ok`, `error` or `cancelled` (the client left).',
  owner: 'Whose fault an error is: `caller`, `policy`, `provider`, `gateway`.',
  errorType: 'Such as `provider_rate_limit`.',
  status: 'HTTP status the client saw.',
  stop: 'Why the model stopped.',
  cache: '`hit`, `miss`, `stale`, `bypass`.',
  stream: '`true` or `false`.',
  tag: 'One of the caller’s tags.',
  guardrail:
    'What a guardrail did, as `pii:request:mask`: its name, `request` or `answer`, and `pass`, `flag`, `mask`, `block`, `error` or `unchecked`.',
  call: 'Request id: finds the call at any time.',
  session: 'Session of the client.',
  parent: 'Request id of the call it was made for.',
  requestedModel: 'Model as the client wrote it.',
  upstreamModel: 'Model at the provider.',
  keyAlias: 'Alias of the provider’s key.',
};

const RANGES: Readonly<Record<LogRange, { word: string; unit: string; scale: number }>> = {
  costNano: { word: 'CostUsd', unit: 'USD', scale: 1e9 },
  totalMs: { word: 'Ms', unit: 'ms in all', scale: 1 },
  ttftMs: { word: 'TtftMs', unit: 'ms to the first token', scale: 1 },
  tokens: { word: 'Tokens', unit: 'tokens of prompt and answer', scale: 1 },
};

const NUMBER = '^\\d{1,15}(\\.\\d{1,9})?$';
const timeSchema = (description: string): SchemaNode => ({
  type: 'string',
  minLength: 1,
  maxLength: 40,
  description,
});

/** Query parameters of everything that is filtered. */
export const filterQuery: Readonly<Record<string, SchemaNode>> = {
  since: timeSchema('ISO 8601, ms since 1970, or `15m`, `24h`, `7d` before now; inclusive.'),
  until: timeSchema('As `since`; exclusive. Now by default.'),
  ...Object.fromEntries(
    [...LOG_FACETS, ...LOG_IDS].map((name): [string, SchemaNode] => [
      name,
      {
        type: 'string',
        maxLength: 2_048,
        description: `${MEANINGS[name]} Several are separated by commas; any of them fits. Empty: where there is none.`,
      },
    ]),
  ),
  ...Object.fromEntries(
    LOG_RANGES.flatMap((name): [string, SchemaNode][] => {
      const { word, unit } = RANGES[name];
      const bound = (end: string): SchemaNode => ({
        type: 'string',
        pattern: NUMBER,
        'x-expected': 'a number',
        description: `${end} ${unit}.`,
      });
      return [
        [`min${word}`, bound('At least so many')],
        [`max${word}`, bound('At most so many')],
      ];
    }),
  ),
  unpriced: { type: 'string', enum: ['true', 'false'], description: 'Only what has no price.' },
};

/** @param teams names of those that may be seen; null = everything. @throws ApiError 400, 403 */
export function filterOf(
  query: Readonly<Record<string, string>>,
  teams: readonly string[] | null,
  now: number,
): LogFilter {
  const since = timeOf(query, 'since', now);
  const until = timeOf(query, 'until', now);
  const values: Partial<Record<LogFacet | LogIdField, readonly string[]>> = {};
  for (const name of [...LOG_FACETS, ...LOG_IDS]) {
    const stated = query[name];
    if (stated === undefined) continue;
    const list = [...new Set(stated.split(',').map((one) => one.trim()))];
    if (list.length > MAX_VALUES) throw bad(name, `at most ${MAX_VALUES} values`);
    values[name] = list;
  }
  const ranges: Partial<Record<LogRange, readonly [number | null, number | null]>> = {};
  for (const name of LOG_RANGES) {
    const { word, scale } = RANGES[name];
    const bound = (end: 'min' | 'max'): number | null => {
      const stated = query[`${end}${word}`];
      return stated === undefined ? null : Math.round(Number(stated) * scale);
    };
    const range = [bound('min'), bound('max')] as const;
    if (range[0] !== null || range[1] !== null) ranges[name] = range;
  }
  const own = seen(values.team, teams);
  return {
    ...(since === null ? {} : { since }),
    ...(until === null ? {} : { until }),
    values: own === null ? values : { ...values, team: own },
    ranges,
    ...(query['unpriced'] === 'true' ? { unpriced: true } : {}),
  };
}

/** What may be seen of the teams that were asked for. @throws ApiError 403 */
function seen(
  asked: readonly string[] | undefined,
  teams: readonly string[] | null,
): readonly string[] | null {
  if (teams === null) return asked ?? null;
  const allowed = asked === undefined ? teams : asked.filter((team) => teams.includes(team));
  if (allowed.length === 0) throw new ApiError(403, 'forbidden', 'That is not one of your teams.');
  return allowed;
}

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: MINUTE_MS,
  h: 60 * MINUTE_MS,
  d: 24 * 60 * MINUTE_MS,
  w: 7 * 24 * 60 * MINUTE_MS,
};

/** ms since 1970; null = not said. @throws ApiError 400 */
export function timeOf(query: Readonly<Record<string, string>>, name: string, now: number): number | null {
  const stated = query[name];
  if (stated === undefined) return null;
  const ago = /^(\d{1,6})([smhdw])$/.exec(stated);
  if (ago !== null) return now - Number(ago[1]) * UNITS[ago[2]!]!;
  const at = /^\d{12,14}$/.test(stated) ? Number(stated) : Date.parse(stated);
  if (Number.isNaN(at)) throw bad(name, 'expected a time in ISO 8601, ms since 1970, or such as `24h`');
  return at;
}

function bad(param: string, message: string): ApiError {
  return new ApiError(400, 'invalid_value', `${param}: ${message}`, { param });
}
