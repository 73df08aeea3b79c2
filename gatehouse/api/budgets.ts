// Budgets that stand alone, with what is spent of them; and what limits the calls of a key, a team, a customer, … now.
import type { OwnHolder } from '../../src/contracts/holder.ts';
import type { Standing, StandingCaller } from '../../src/contracts/standing.ts';
import type { Page, StoredObject } from '../../src/contracts/store.ts';
import { ownRules } from '../../src/limits/own-rules.ts';
import { holderOf } from '../keep/holders.ts';
import { OWNER_KINDS, type OwnerKind, ownHolderOf } from '../keep/limits.ts';
import type { ApiContext } from './context.ts';
import { list, object, text } from './fields.ts';
import { KEYS } from './keys.ts';
import { resourceParts, resourceRoutes } from './resource.ts';
import type { ResourceKind } from './resource-kind.ts';
import { BUDGETS, CUSTOMERS, ORGANIZATIONS, PROJECTS, TEAMS, USERS } from './resources.ts';
import type { ApiRoute } from './route.ts';
import { budgetView, standingSchema, standingView } from './standing-view.ts';

/** Keys whose limits one question to a worker is about. */
const KEYS_AT_ONCE = 200;

const OWNERS: readonly ResourceKind[] = [KEYS, TEAMS, USERS, CUSTOMERS, PROJECTS, ORGANIZATIONS];

export function budgetRoutes(context: ApiContext): ApiRoute[] {
  const base = resourceParts(context, BUDGETS);
  const shape = object(
    {
      ...base.shape.properties,
      spend: list(
        object({}),
        'How it stands now, where one counter is told of: that of whom it names, or of the gateway.',
      ),
    },
    ['id', 'name', 'managed'],
  );
  const [listRoute, createRoute, getRoute, patchRoute, deleteRoute] = resourceRoutes(context, BUDGETS, {
    ...base,
    shape,
  });

  /** By the id of a stored budget. */
  async function spends(ids: readonly string[]): Promise<ReadonlyMap<string, readonly object[]>> {
    const names = ids.map((id) => `${id}.budget`);
    const standings = ids.length === 0 ? [] : await standingsOf(context, null, names, []);
    const now = context.now();
    return new Map(
      [...Map.groupBy(standings, ({ name }) => name.replace(/\.budget$/, ''))].map(([id, own]) => [
        id,
        own.map((one) => budgetView(one, now)),
      ]),
    );
  }

  return [
    {
      ...listRoute!,
      async handle(request) {
        const answer = await listRoute!.handle(request);
        const page = answer.body as { items: { id: string }[]; next: string | null }; // of the route itself
        const spend = await spends(page.items.map(({ id }) => id));
        const items = page.items.map((item) => ({ ...item, spend: spend.get(item.id) ?? [] }));
        return { ...answer, body: { ...page, items } };
      },
    },
    createRoute!,
    {
      method: 'GET',
      path: '/api/budgets/standing',
      access: { resource: 'limit', verb: 'read' },
      operation: 'list-standings',
      summary:
        'Every budget and limit of file and store that has one counter, or that counts calls of whom the query names, and how it stands.',
      query: {
        key: text('Name of a key: what is counted per key is told of this one.'),
        organization: text('Likewise of an organization.'),
        team: text('Likewise of a team.'),
        user: text('Likewise of a user.'),
        customer: text('Likewise of a customer (end user).'),
        project: text('Likewise of a project.'),
        tag: text('Likewise of a tag.'),
      },
      answer: { status: 200, schema: object(standingSchema) },
      async handle({ query }) {
        const { tag, ...of } = query as StandingCaller & { tag?: string }; // as the query of the route has it
        const caller = { ...of, ...(tag === undefined ? {} : { tags: [tag] }) };
        const standings =
          Object.keys(query).length === 0
            ? await allStandings(context)
            : await standingsOf(context, caller, null, await ownOf(context, caller.key));
        return { status: 200, body: standingView(standings, context.now()) };
      },
    },
    {
      ...getRoute!,
      async handle(request) {
        const answer = await getRoute!.handle(request);
        const found = answer.body as { id: string }; // of the route itself
        return { ...answer, body: { ...found, spend: (await spends([found.id])).get(found.id) ?? [] } };
      },
    },
    patchRoute!,
    deleteRoute!,
    ...OWNERS.map((kind) => ownerRoute(context, kind)),
  ];
}

function ownerRoute(context: ApiContext, kind: ResourceKind): ApiRoute {
  const parts = resourceParts(context, kind);
  return {
    method: 'GET',
    path: `/api/${kind.plural}/{id}/budgets`,
    access: { resource: kind.permission, verb: 'read' },
    operation: `get-${kind.kind}-budgets`,
    summary: `Budgets and limits that count calls of this ${kind.kind}, wherever they are written, and how they stand.`,
    answer: { status: 200, schema: object(standingSchema) },
    async handle(request) {
      const found = await parts.read(request, 'read');
      const own = ownHolderOf(found);
      const caller = await callerOf(context, found);
      const standings = await standingsOf(context, caller, null, own === null ? [] : [own]);
      return { status: 200, body: standingView(standings, context.now()) };
    },
  };
}

/**
 * @param names of rules; null = all. @param own keys whose own limits are among them: workers find those by credential alone
 * @throws ApiError 503, 409 where no worker answers
 */
export async function standingsOf(
  context: Pick<ApiContext, 'ask'>,
  of: StandingCaller | null,
  names: readonly string[] | null,
  own: readonly OwnHolder[],
): Promise<Standing[]> {
  return (await context.ask({ do: 'worker', what: { do: 'standings', of, names, own } })) as Standing[]; // as a worker answers
}

/** Those of the configuration, then those of single keys, so many at a time that no call waits behind them. */
async function allStandings({ ask, store }: ApiContext): Promise<Standing[]> {
  const all = await standingsOf({ ask }, null, null, []);
  for (let after: string | null = null; ; ) {
    const page: Page<StoredObject> = await store.list({
      kind: 'key',
      has: ['limits', 'budgets', 'creditNano'],
      after,
      limit: KEYS_AT_ONCE,
    });
    const own = page.items.map(ownHolderOf).filter((one) => one !== null);
    const names = own.flatMap(ownRules).map(({ name }) => name);
    if (own.length > 0) all.push(...(await standingsOf({ ask }, null, names, own)));
    after = page.next;
    if (after === null) return all;
  }
}

/** Of a key of the store by its name, where it has limits of its own. */
async function ownOf({ store }: ApiContext, name: string | undefined): Promise<readonly OwnHolder[]> {
  const key = name === undefined ? null : await store.byName('key', name);
  const own = key === null ? null : ownHolderOf(key);
  return own === null ? [] : [own];
}

/** Whose calls: of a key with all that it belongs to, of what keys belong to by itself. */
async function callerOf({ store }: Pick<ApiContext, 'store'>, found: StoredObject): Promise<StandingCaller> {
  if (found.kind !== 'key') return { [found.kind]: found.name };
  const owners = new Map<string, StoredObject>();
  const load = async ({ data }: StoredObject): Promise<void> => {
    for (const kind of OWNER_KINDS) {
      const id = data[kind];
      if (typeof id !== 'string' || owners.has(`${kind}/${id}`)) continue;
      const owner = await store.get(kind, id);
      if (owner === null) continue;
      owners.set(`${kind}/${id}`, owner);
      await load(owner);
    }
  };
  await load(found);
  const find = (kind: OwnerKind, id: string): StoredObject | null => owners.get(`${kind}/${id}`) ?? null;
  const { name, organization, team, user, customer, project, tags } = holderOf(found, find);
  const of = { organization, team, user, customer, project, tags };
  return { key: name, ...Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) };
}
