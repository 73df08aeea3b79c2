// Keys and teams as LiteLLM says them, as ours and back again. What ours have no place for is kept beside them, in their metadata.
import { litellmWindow } from '../../src/config/import/budget-window.ts';
import { ApiError } from '../errors/api-error.ts';
import { isRecord } from './checked.ts';

export type Body = Readonly<Record<string, unknown>>;

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  mo: 2_592_000_000,
};
/** What is said again as it was said, and is kept beside the key. */
const KEPT = ['max_budget', 'budget_duration', 'user_id', 'soft_budget'] as const;
const KNOWN: ReadonlySet<string> = new Set([
  ...KEPT,
  'key',
  'keys',
  'key_alias',
  'team_alias',
  'team_id',
  'models',
  'tpm_limit',
  'rpm_limit',
  'max_parallel_requests',
  'duration',
  'metadata',
  'tags',
  'aliases',
  'blocked',
  'key_aliases',
]);
/** Ours, of what LiteLLM says; null = it is to go. @param before of the object as it is */
export function fieldsOf(body: Body, now: number, before: Body): Body {
  const { team_id: team, models, tpm_limit: tpm, rpm_limit: rpm, max_parallel_requests: parallel } = body;
  const { duration, metadata, tags, aliases, blocked } = body;
  const kept = Object.fromEntries(
    KEPT.filter((field) => body[field] !== undefined).map((field) => [`litellm.${field}`, body[field]]),
  );
  const meta =
    metadata === undefined && Object.keys(kept).length === 0
      ? {}
      : {
          metadata: metadataOf(
            isRecord(metadata) ? metadata : plainOf(before['metadata']),
            keptOf(before['metadata']),
            kept,
          ),
        };
  return {
    ...(team === undefined ? {} : { team }),
    // No model at all stands for every model there.
    ...(models === undefined
      ? {}
      : { models: Array.isArray(models) && models.length > 0 ? models.map(modelOf) : null }),
    ...(tpm === undefined && rpm === undefined && parallel === undefined
      ? {}
      : { limits: limitsOf(body, before['limits']) }),
    ...budgetsOf(body, keptOf(before['metadata'])),
    ...(duration === undefined ? {} : { expiresAt: duration === null ? null : expiryOf(duration, now) }),
    ...(tags === undefined ? {} : { tags }),
    ...(blocked === undefined ? {} : { blocked }),
    ...(isRecord(aliases)
      ? { aliases: Object.fromEntries(Object.entries(aliases).map(([name, to]) => [name, [to]])) }
      : {}),
    ...meta,
  };
}

/** Theirs as one of ours: in place of all, as there is one there. What is not said stays. */
function budgetsOf(body: Body, before: Body): Body {
  if (KEPT.every((field) => field === 'user_id' || body[field] === undefined)) return {};
  const said = (field: string): unknown =>
    body[field] === undefined ? before[`${OURS}${field}`] : body[field];
  const [amount, length, soft] = [said('max_budget'), said('budget_duration'), said('soft_budget')];
  if (amount === undefined || amount === null) return { budgets: null };
  const bad = (param: string, expected: string): ApiError =>
    new ApiError(400, 'invalid_value', `${param}: expected ${expected}`, { param });
  if (typeof amount !== 'number' || !(amount >= 0 && amount <= 1e6)) throw bad('max_budget', 'US dollars');
  const window = litellmWindow(typeof length === 'string' ? length : undefined);
  if (window === null || (length !== undefined && length !== null && typeof length !== 'string'))
    throw bad('budget_duration', 'a duration such as `24h`, `7d`, `30d` (a month)');
  const softAt =
    typeof soft === 'number' && amount > 0 ? { softAt: Math.min(1, Math.max(0, soft / amount)) } : {};
  return { budgets: [{ amountUsd: amount, window, ...softAt }] };
}

const modelOf = (model: unknown): unknown =>
  model === 'all-proxy-models' || model === 'all-team-models' ? '*' : model;

/** One of each, as we have them apart; those that are not said stay. */
function limitsOf(body: Body, before: unknown): Body[] | null {
  const old = Array.isArray(before) ? (before as Body[]) : [];
  const number = (field: string, ours: string): unknown => {
    if (body[field] !== undefined) return body[field];
    const rate = old.map((limit) => limit[ours]).find((value) => value !== undefined);
    return typeof rate === 'string' ? Number(/^(\d+)\/min$/.exec(rate)?.[1] ?? Number.NaN) : rate;
  };
  const limits: Body[] = [];
  const add = (field: string, ours: string, say: (count: number) => unknown): void => {
    const count = number(field, ours);
    if (count === null || count === undefined || Number.isNaN(count)) return;
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 1)
      throw new ApiError(400, 'invalid_value', `${field}: expected a whole number above 0`, { param: field });
    limits.push({ [ours]: say(count) });
  };
  add('tpm_limit', 'tokens', (count) => `${count}/min`);
  add('rpm_limit', 'requests', (count) => `${count}/min`);
  add('max_parallel_requests', 'concurrent', (count) => count);
  return limits.length === 0 ? null : limits;
}

function expiryOf(duration: unknown, now: number): string {
  const [, count = '', unit = ''] = /^(\d{1,6})(s|m|h|d|w|mo)$/.exec(String(duration)) ?? [];
  if (unit === '')
    throw new ApiError(
      400,
      'invalid_value',
      'duration: expected a duration such as `30d` (units s, m, h, d, w, mo)',
      {
        param: 'duration',
      },
    );
  return new Date(now + Number(count) * UNIT_MS[unit]!).toISOString();
}

/** Their metadata may be anything, ours is flat: what is deeper is kept as JSON. */
function metadataOf(stated: Body, before: Body, kept: Body): Body {
  const flat = Object.entries(stated).map(([name, value]) => [
    name,
    typeof value === 'object' ? JSON.stringify(value) : value,
  ]);
  const all = Object.entries({ ...Object.fromEntries(flat), ...before, ...kept });
  return Object.fromEntries(all.filter(([, value]) => value !== null && value !== 'null'));
}

const OURS = 'litellm.';
const keptOf = (metadata: unknown): Body =>
  Object.fromEntries(
    Object.entries(isRecord(metadata) ? metadata : {}).filter(([name]) => name.startsWith(OURS)),
  );
const plainOf = (metadata: unknown): Body =>
  Object.fromEntries(
    Object.entries(isRecord(metadata) ? metadata : {}).filter(([name]) => !name.startsWith(OURS)),
  );

/** As LiteLLM shows a key or a team. */
export function infoOf(shown: Body): Body {
  const {
    id,
    name,
    team,
    models,
    limits,
    expiresAt,
    blocked,
    tags,
    aliases,
    metadata,
    createdAt,
    updatedAt,
  } = shown;
  const limit = (ours: string): number | null => {
    const found = (Array.isArray(limits) ? (limits as Body[]) : [])
      .map((one) => one[ours])
      .find((one) => one !== undefined);
    return found === undefined
      ? null
      : typeof found === 'number'
        ? found
        : Number(String(found).split('/')[0]);
  };
  const kept = keptOf(metadata);
  return {
    token: id,
    token_id: id,
    key_alias: name,
    team_id: team ?? null,
    models: models ?? [],
    tpm_limit: limit('tokens'),
    rpm_limit: limit('requests'),
    max_parallel_requests: limit('concurrent'),
    expires: expiresAt ?? null,
    blocked: blocked ?? null,
    tags: tags ?? [],
    aliases: Object.fromEntries(
      Object.entries(isRecord(aliases) ? aliases : {}).map(([from, to]) => [
        from,
        Array.isArray(to) ? to[0] : to,
      ]),
    ),
    metadata: plainOf(metadata),
    ...Object.fromEntries(KEPT.map((field) => [field, kept[`${OURS}${field}`] ?? null])),
    created_at: createdAt ?? null,
    updated_at: updatedAt ?? null,
  };
}

/** The header that names what there is no counterpart for. */
export function dropped(body: Body): Record<string, string> {
  const names = Object.keys(body).filter((name) => !KNOWN.has(name));
  const safe = names.filter((name) => /^[\w.-]{1,64}$/.test(name));
  return safe.length === 0 ? {} : { 'x-headgate-dropped': safe.join(', ') };
}
