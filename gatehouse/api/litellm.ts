// The five calls of LiteLLM's proxy that scripts and Terraform make, on our own routes: same checks, same permissions, same
// audit entries. What has no counterpart is named in `x-headgate-dropped`, never taken in silence.
import type { SchemaNode } from '../../src/config/schema-node.ts';
import type { StoredObject } from '../../src/contracts/store.ts';
import { litellmWindow } from '../../src/config/import/budget-window.ts';
import { may } from '../../src/governance/roles.ts';
import { credentialHash, credentialKind } from '../../src/governance/virtual-key.ts';
import { ApiError } from '../errors/api-error.ts';
import { checkBody, isRecord } from './checked.ts';
import { type ApiContext, allow } from './context.ts';
import { text } from './fields.ts';
import { findObject } from './references.ts';
import type { ApiAnswer, ApiRequest, ApiRoute } from './route.ts';

type Body = Readonly<Record<string, unknown>>;

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
const any: SchemaNode = { type: 'object', description: 'As LiteLLM says it.' };

/** @param routes ours, by their names */
export function litellmRoutes(context: ApiContext, routes: readonly ApiRoute[]): ApiRoute[] {
  const { store, keys } = context;
  const ours = (operation: string): ApiRoute => routes.find((route) => route.operation === operation)!;

  /** As if it had come by our own route. */
  function pass(operation: string, request: ApiRequest, body: Body, params: Record<string, string> = {}) {
    const route = ours(operation);
    const partial = route.method === 'PATCH';
    const { required: _required, ...optional } = route.body ?? { type: 'object' as const };
    const checked =
      route.body === undefined
        ? {}
        : checkBody(
            partial ? optional : route.body,
            partial ? Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null)) : body,
          );
    return route.handle({
      ...request,
      params,
      query: {},
      body: partial ? { ...checked, ...nulls(body) } : checked,
    });
  }

  /** A key by itself, its id, the hash that was shown as `token`, or its alias. */
  async function keyOf(given: unknown): Promise<StoredObject | null> {
    if (typeof given !== 'string' || given === '' || given.length > 256) return null;
    if (credentialKind(given) === 'key') return store.byLookup('key', credentialHash(keys.virtualKey, given));
    return findObject(store, 'key', given);
  }
  async function known(given: unknown, param: string): Promise<StoredObject> {
    const found = await keyOf(given);
    if (found === null) throw new ApiError(404, 'not_found', `${param}: there is no such key`, { param });
    return found;
  }

  /** As its holder is shown it, with what it has spent. */
  async function ownInfo(request: ApiRequest, found: StoredObject | null): Promise<ApiAnswer> {
    if (request.actor.kind !== 'key' || found?.id !== request.actor.id)
      throw new ApiError(403, 'forbidden', 'A key may ask about itself alone.');
    const { body } = await ours('get-own-key').handle(request);
    const own = body as Body & {
      spend: { budgets: { owner: string; spentUsd: number; resetsAt: string | null }[] };
    }; // of our own route
    const budget = own.spend.budgets.find(({ owner }) => owner === `key ${found.name}`);
    return {
      status: 200,
      body: {
        key: found.id,
        info: { ...infoOf(own), spend: budget?.spentUsd ?? 0, budget_reset_at: budget?.resetsAt ?? null },
      },
    };
  }

  const route = (
    path: string,
    operation: string,
    summary: string,
    access: ApiRoute['access'],
    handle: (request: ApiRequest) => Promise<ApiAnswer>,
  ): ApiRoute => ({
    method: 'POST',
    path,
    access,
    operation,
    summary: `LiteLLM: ${summary}`,
    body: any,
    lenient: true,
    answer: { status: 200, schema: any },
    handle,
  });

  return [
    route(
      '/key/generate',
      'litellm-key-generate',
      'a new key.',
      { resource: 'key', verb: 'create' },
      async (request) => {
        const { body } = request;
        if (body['key'] !== undefined)
          throw new ApiError(400, 'invalid_value', 'key: keys are made here, none is taken over', {
            param: 'key',
          });
        const name = body['key_alias'] ?? `key-${context.id('key').slice(4)}`;
        const made = await pass('create-key', request, { name, ...fieldsOf(body, context.now(), {}) });
        const shown = made.body as Body; // of our own route
        return {
          status: 200,
          body: { key: shown['key'], ...infoOf(shown), key_name: nameOf(shown) },
          headers: dropped(body),
        };
      },
    ),
    {
      ...route(
        '/key/info',
        'litellm-key-info',
        'what a key is.',
        { resource: 'key', verb: 'read' },
        async () => never(),
      ),
      method: 'GET',
      // Its holder may ask as well: about itself alone.
      access: 'open',
      body: undefined as never,
      query: { key: text('The key, its id, or its alias; absent = the one that asks.') },
      async handle(request) {
        const { actor, query } = request;
        if (actor.kind === 'key') return ownInfo(request, await keyOf(query['key'] ?? request.credential));
        if (actor.kind !== 'admin')
          throw new ApiError(401, 'unauthenticated', 'Send a personal token, or the key itself.');
        if (!may(actor.administrator, { resource: 'key', verb: 'read' }))
          throw new ApiError(403, 'forbidden', 'The role or the token may not read key objects.');
        const found = await known(query['key'], 'key');
        const { body } = await pass('get-key', request, {}, { id: found.id });
        return { status: 200, body: { key: request.query['key'], info: infoOf(body as Body) } };
      },
    },
    route(
      '/key/update',
      'litellm-key-update',
      'changes a key.',
      { resource: 'key', verb: 'update' },
      async (request) => {
        const { body } = request;
        const found = await known(body['key'], 'key');
        const alias = body['key_alias'];
        const change = {
          ...(alias === undefined ? {} : { name: alias }),
          ...fieldsOf(body, context.now(), found.data),
        };
        const { body: after } = await pass('update-key', request, change, { id: found.id });
        return { status: 200, body: { key: body['key'], ...infoOf(after as Body) }, headers: dropped(body) };
      },
    ),
    route(
      '/key/delete',
      'litellm-key-delete',
      'ends keys.',
      { resource: 'key', verb: 'delete' },
      async (request) => {
        const given = [request.body['keys'], request.body['key_aliases']].flatMap((list) =>
          Array.isArray(list) ? list : [],
        );
        if (given.length === 0)
          throw new ApiError(400, 'invalid_value', 'keys: expected a list of keys', { param: 'keys' });
        // All or none: who asks must not find out afterwards which are left.
        const found: StoredObject[] = [];
        for (const one of given) {
          const key = await known(one, 'keys');
          allow(
            request,
            { resource: 'key', verb: 'delete' },
            typeof key.data['team'] === 'string' ? key.data['team'] : null,
            'key',
          );
          found.push(key);
        }
        for (const { id } of found) await pass('delete-key', { ...request, ifMatch: null }, {}, { id });
        return { status: 200, body: { deleted_keys: given } };
      },
    ),
    route(
      '/team/new',
      'litellm-team-new',
      'a new team.',
      { resource: 'team', verb: 'create' },
      async (request) => {
        const { body } = request;
        const name = body['team_alias'] ?? body['team_id'] ?? `team-${context.id('team').slice(5)}`;
        const { team_id: _id, duration: _duration, aliases: _aliases, user_id: _user, ...rest } = body;
        const made = await pass('create-team', request, { name, ...fieldsOf(rest, context.now(), {}) });
        const shown = made.body as Body; // of our own route
        return {
          status: 200,
          body: { ...infoOf(shown), team_id: shown['id'], team_alias: shown['name'] },
          headers: dropped(body),
        };
      },
    ),
  ];
}

function never(): never {
  throw new Error('the route has a handler of its own');
}

/** Ours, of what LiteLLM says; null = it is to go. @param before of the object as it is */
function fieldsOf(body: Body, now: number, before: Body): Body {
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
function infoOf(shown: Body): Body {
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

const nameOf = ({ prefix, lastFour }: Body): string => `${String(prefix ?? '')}...${String(lastFour ?? '')}`;
const nulls = (body: Body): Body =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value === null));

function dropped(body: Body): Record<string, string> {
  const names = Object.keys(body).filter((name) => !KNOWN.has(name));
  const safe = names.filter((name) => /^[\w.-]{1,64}$/.test(name));
  return safe.length === 0 ? {} : { 'x-headgate-dropped': safe.join(', ') };
}
