// Virtual keys: made, shown once, changed, replaced with a while in which both hold, blocked, revoked.
import { randomBytes } from 'node:crypto';
import type { StoredData, StoredObject } from '../../src/contracts/store.ts';
import {
  credentialHash,
  holds,
  issueCredential,
  rotated,
  shownOf,
} from '../../src/governance/virtual-key.ts';
import { ApiError } from '../errors/api-error.ts';
import { hashesOf } from '../keep/holders.ts';
import { fetched, waitingCredential } from '../keep/rotation.ts';
import { type ApiContext, commit, etagOf, SECRET } from './context.ts';
import { parseDurationMs } from '../names/duration.ts';
import {
  blocked,
  choice,
  description,
  flag,
  grantFields,
  list,
  mapping,
  metadata,
  object,
  reference,
  tags,
  text,
} from './fields.ts';
import { checkOwnLimits } from './limit-check.ts';
import { listPage } from './paging.ts';
import { newData, patchedData, resourceParts, resourceRoutes } from './resource.ts';
import type { ResourceKind } from './resource-kind.ts';
import { ownBudgets, ownLimits } from './resources.ts';
import { ownFields, ownKey } from './own-key.ts';
import type { ApiAnswer, ApiRequest, ApiRoute } from './route.ts';
import { shown } from './view.ts';

const instant = {
  type: 'string' as const,
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?(Z|[+-]\\d{2}:\\d{2})$',
  'x-expected': 'a time such as `2027-01-31T12:00:00Z`',
  description: 'It is over from then on; ISO 8601.',
};
const duration = (words: string) => ({
  type: 'string' as const,
  pattern: '^\\d{1,6}(s|m|h|d|w)$',
  'x-expected': 'a duration such as `24h` (units s, m, h, d, w)',
  description: words,
});

export const KEYS: ResourceKind = {
  kind: 'key',
  plural: 'keys',
  permission: 'key',
  fields: {
    organization: reference('organization'),
    team: reference('team'),
    user: reference('user'),
    customer: reference('customer'),
    project: reference('project'),
    description,
    ...grantFields,
    priority: choice(
      ['high', 'normal', 'low', 'batch'],
      'Class in the queue of a provider; the last is shed first.',
    ),
    tags,
    expiresAt: instant,
    blocked,
    service: flag('It is a service’s and no person’s: it outlives who made it.'),
    aliases: mapping(
      list(text(''), ''),
      'Names of models that are its own -> the models they stand for, the first choice first.',
    ),
    fallbacks: list(text(''), 'Models that follow where a request lists no fallbacks.'),
    limits: ownLimits,
    budgets: ownBudgets,
    rotateEvery: duration(
      'After so long it gets a new credential by itself, which waits to be fetched (`/api/keys/self/fetch` with the old one).',
    ),
    rotateGrace: duration('How long the old credential holds then; `7d` when absent.'),
    metadata,
  },
  references: {
    organization: 'organization',
    team: 'team',
    user: 'user',
    customer: 'customer',
    project: 'project',
  },
  filters: [
    'team',
    'user',
    'customer',
    'project',
    'organization',
    'blocked',
    'service',
    'priority',
    'prefix4',
  ],
  inFile: 'keys',
  check(data) {
    checkOwnLimits(data);
    const expiry = data['expiresAt'];
    if (typeof expiry === 'string' && Number.isNaN(Date.parse(expiry)))
      throw new ApiError(400, 'invalid_value', 'expiresAt: there is no such day', { param: 'expiresAt' });
  },
};

const issuedFields = {
  key: text('The key itself: shown this once and never again.'),
};
const readFields = {
  prefix: text('Its beginning.'),
  lastFour: text('Its end.'),
  lastUsedAt: text('ISO 8601; null = never.'),
  rotatedAt: text('ISO 8601.'),
  waiting: flag('A new credential waits to be fetched.'),
};
const GRACE_MS = 0;

export function keyRoutes(context: ApiContext): ApiRoute[] {
  const { store, keys } = context;
  const kind: ResourceKind = { ...KEYS, filters: KEYS.filters!.filter((field) => field in KEYS.fields) };
  const base = resourceParts(context, kind);
  const shape = object({ ...base.shape.properties, ...readFields }, ['id', 'name', 'managed']);
  const parts = { ...base, shape };
  const [listRoute, , getRoute, patchRoute, deleteRoute] = resourceRoutes(context, kind, parts);

  async function withUse(objects: readonly StoredObject[]): Promise<ReadonlyMap<string, string | null>> {
    const used = await store.lastUsed(objects.map(({ id }) => id));
    return new Map(
      objects.map(({ id }) => {
        const at = used.get(id);
        return [id, at === undefined ? null : new Date(at).toISOString()];
      }),
    );
  }
  async function answer(found: StoredObject, more: object = {}, status = 200): Promise<ApiAnswer> {
    const used = await withUse([found]);
    return {
      status,
      body: { ...shown(found), lastUsedAt: used.get(found.id) ?? null, ...more },
      headers: { etag: etagOf(found.version) },
    };
  }

  async function issue(request: ApiRequest): Promise<ApiAnswer> {
    const { name, data } = await newData(context, kind, request);
    const id = context.id('key');
    const key = issueCredential('key', randomBytes);
    const hash = credentialHash(keys.virtualKey, key);
    const whole: StoredData = {
      ...data,
      ...shownOf(key),
      rotatedAt: new Date(context.now()).toISOString(),
      [SECRET]: { current: hash, previous: null },
    };
    const [made] = await commit(
      context,
      request,
      [{ op: 'create', kind: 'key', id, name, lookup: hash, data: whole }],
      { action: 'key.create', target: `key/${id}`, after: { name, ...whole } },
    );
    return answer(made!, { key }, 201);
  }

  async function rotate(request: ApiRequest): Promise<ApiAnswer> {
    const before = await parts.read(request, 'update');
    const { grace } = request.body;
    const graceMs = typeof grace === 'string' ? parseDurationMs(grace) : GRACE_MS;
    const key = issueCredential('key', randomBytes);
    const hash = credentialHash(keys.virtualKey, key);
    const next = rotated(hashesOf(before), hash, context.now(), graceMs);
    const { previous } = next;
    const { waiting: _waiting, ...kept } = before.data;
    const data: StoredData = {
      ...kept,
      ...shownOf(key),
      rotatedAt: new Date(context.now()).toISOString(),
      [SECRET]: { current: next.current, previous: previous === null ? null : { ...previous } },
    };
    const after = await parts.replace(request, before, 'rotate', { lookup: hash, data });
    return answer(after, { key });
  }

  /** @param found with a credential that waits. */
  async function fetchWaiting(request: ApiRequest, found: StoredObject): Promise<ApiAnswer> {
    const key = waitingCredential(found, keys.envelopes);
    if (key === null) throw new ApiError(409, 'nothing_waits', 'No new credential waits for this key.');
    const hashes = hashesOf(found);
    const data = fetched(found, hashes);
    const after = await parts.replace(request, found, 'fetch', { lookup: hashes.current, data });
    return answer(after, { key });
  }
  const fetchedAnswer = {
    status: 200,
    schema: object({ ...shape.properties, ...issuedFields }, ['id', 'name', 'key']),
  };

  const block = (stops: boolean): ApiRoute => ({
    method: 'POST',
    path: `/api/keys/{id}/${stops ? 'block' : 'unblock'}`,
    access: { resource: 'key', verb: 'update' },
    operation: stops ? 'block-key' : 'unblock-key',
    summary: stops ? 'Calls with it are refused from now on.' : 'Calls with it are taken again.',
    answer: { status: 200, schema: shape },
    async handle(request) {
      const before = await parts.read(request, 'update');
      const { blocked: _before, ...data } = before.data;
      const next = stops ? { ...data, blocked: true } : data;
      return answer(await parts.replace(request, before, stops ? 'block' : 'unblock', { data: next }));
    },
  });

  return [
    {
      ...listRoute!,
      async handle(request) {
        const page = await listPage(context, kind, request);
        const used = await store.lastUsed(page.items.map(({ id }) => id));
        const items = page.items.map((item) => {
          const at = used.get(item.id);
          return { ...item, lastUsedAt: at === undefined ? null : new Date(at).toISOString() };
        });
        return { status: 200, body: { items, next: page.next } };
      },
    },
    {
      method: 'POST',
      path: '/api/keys',
      access: { resource: 'key', verb: 'create' },
      operation: 'create-key',
      summary: 'A new key. The answer holds the key itself, and nothing else ever does.',
      body: parts.bodySchema,
      answer: {
        status: 201,
        schema: object({ ...shape.properties, ...issuedFields }, ['id', 'name', 'key']),
      },
      handle: issue,
    },
    {
      method: 'GET',
      path: '/api/keys/self',
      access: 'self',
      fileKeys: true,
      operation: 'get-own-key',
      summary:
        'What a virtual key, of the store or of the file, may know of itself: what it may use, and how its budgets and limits stand. The only route that takes one.',
      answer: {
        status: 200,
        schema: object({ ...shape.properties, ...ownFields }, ['id', 'name', 'managed']),
      },
      handle: (request) => ownKey(context, request, answer),
    },
    {
      ...getRoute!,
      async handle(request) {
        if (request.params['id']!.includes(':')) return getRoute!.handle(request);
        return answer(await parts.read(request, 'read'));
      },
    },
    {
      ...patchRoute!,
      async handle(request) {
        const before = await parts.read(request, 'update');
        const { name, data } = await patchedData(context, kind, parts.bodySchema, before, request);
        return answer(await parts.replace(request, before, 'update', { name, data }));
      },
    },
    deleteRoute!,
    {
      method: 'POST',
      path: '/api/keys/{id}/rotate',
      access: { resource: 'key', verb: 'update' },
      operation: 'rotate-key',
      summary: 'A new credential for the same key; the old one holds for `grace`.',
      body: object({ grace: duration('How long the old credential still holds; not at all when absent.') }),
      answer: {
        status: 200,
        schema: object({ ...shape.properties, ...issuedFields }, ['id', 'name', 'key']),
      },
      handle: rotate,
    },
    {
      method: 'POST',
      path: '/api/keys/{id}/fetch',
      access: { resource: 'key', verb: 'update' },
      operation: 'fetch-key',
      summary: 'The new credential of a key that was rotated on schedule. Shown once.',
      answer: fetchedAnswer,
      handle: async (request) => fetchWaiting(request, await parts.read(request, 'update')),
    },
    {
      method: 'POST',
      path: '/api/keys/self/fetch',
      access: 'self',
      operation: 'fetch-own-key',
      summary: 'The same, by the key itself: with the old credential, while it holds.',
      answer: fetchedAnswer,
      async handle(request) {
        const found = request.actor.kind === 'key' ? await store.get('key', request.actor.id) : null;
        if (found === null)
          throw new ApiError(
            403,
            'forbidden',
            'Only a key of the store is rotated, and asks by its old credential.',
          );
        const { current, previous } = hashesOf(found);
        const shownHash = credentialHash(keys.virtualKey, request.credential);
        if (found.data['blocked'] === true || !holds({ current, previous }, shownHash, context.now()))
          throw new ApiError(401, 'unauthenticated', 'The credential does not hold any more.');
        return fetchWaiting(request, found);
      },
    },
    block(true),
    block(false),
  ];
}
