// The five calls of LiteLLM's proxy that scripts and Terraform make, on our own routes: same checks, same permissions, same
// audit entries. What has no counterpart is named in `x-headgate-dropped`, never taken in silence.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import type { StoredObject } from '../../src/contracts/store.ts';
import { may } from '../../src/governance/roles.ts';
import { credentialHash, credentialKind } from '../../src/governance/virtual-key.ts';
import { ApiError } from '../errors/api-error.ts';
import { checkBody } from './checked.ts';
import { type ApiContext, allow } from './context.ts';
import { text } from './fields.ts';
import { type Body, dropped, fieldsOf, infoOf } from './litellm-fields.ts';
import { findObject } from './references.ts';
import type { ApiAnswer, ApiRequest, ApiRoute } from './route.ts';

const DAY_MS = 86_400_000;
const NANO = 1e9;
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

  /** What it has spent: in the window of its own budget, else in all that the ledger has. */
  async function spendOf(
    found: StoredObject,
    budgets: readonly { owner: string; spentUsd: number; resetsAt: string | null }[],
  ): Promise<Body> {
    const budget = budgets.find(({ owner }) => owner === `key ${found.name}`);
    if (budget !== undefined) return { spend: budget.spentUsd, budget_reset_at: budget.resetsAt };
    const until = Math.ceil((context.now() + 1) / DAY_MS) * DAY_MS;
    const fields = [{ field: 'key', values: [found.name] }] as const;
    const days = {
      step: 'day',
      since: Math.floor(found.createdAt / DAY_MS) * DAY_MS,
      until,
      fields,
    } as const;
    const sums = await context.logs()?.counts(days, 'costNano');
    return { spend: (sums?.get(found.name) ?? 0) / NANO, budget_reset_at: null };
  }

  /** As its holder is shown it, with what it has spent. */
  async function ownInfo(request: ApiRequest, found: StoredObject | null): Promise<ApiAnswer> {
    if (request.actor.kind !== 'key' || found?.id !== request.actor.id)
      throw new ApiError(403, 'forbidden', 'A key may ask about itself alone.');
    const { body } = await ours('get-own-key').handle(request);
    const own = body as Body & {
      spend: { budgets: { owner: string; spentUsd: number; resetsAt: string | null }[] };
    }; // of our own route
    const spend = await spendOf(found, own.spend.budgets);
    return { status: 200, body: { key: found.id, info: { ...infoOf(own), ...spend } } };
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
        const standing = await pass('get-key-budgets', request, {}, { id: found.id });
        const { budgets } = standing.body as { budgets: Parameters<typeof spendOf>[1] }; // of our own route
        const info = { ...infoOf(body as Body), ...(await spendOf(found, budgets)) };
        return { status: 200, body: { key: request.query['key'], info } };
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

const nameOf = ({ prefix, lastFour }: Body): string => `${String(prefix ?? '')}...${String(lastFour ?? '')}`;
const nulls = (body: Body): Body =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value === null));
