// Credit: money paid ahead, of a key, a team, a customer, …. A top-up raises what may be spent, for good, and is written down beside it
// in the same commit; what is spent is counted as any budget is. A correction takes some back, never more than there is.
import type { StoredData, StoredObject } from '../../src/contracts/store.ts';
import { ApiError } from '../errors/api-error.ts';
import { ownHolderOf } from '../keep/limits.ts';
import { standingsOf } from './budgets.ts';
import { type ApiContext, commit, etagOf, lostUpdate } from './context.ts';
import { list, object, text, whole } from './fields.ts';
import { KEYS } from './keys.ts';
import { cursorParameter, limitOf, limitParameter } from './paging.ts';
import { resourceParts } from './resource.ts';
import type { ResourceKind } from './resource-kind.ts';
import { CUSTOMERS, ORGANIZATIONS, PROJECTS, TEAMS, USERS } from './resources.ts';
import type { ApiRequest, ApiRoute } from './route.ts';
import { partsOf } from './standing-view.ts';

const NANO = 1e9;
const MAX_USD = 1_000_000;
/** Somebody else may change the object meanwhile. */
const TRIES = 5;

const usd = (description: string, minimum = 0) => ({
  type: 'number' as const,
  minimum,
  maximum: MAX_USD,
  description,
});
const topUp = object({
  id: text('Of the top-up.'),
  amountUsd: usd('What was added; below 0: taken back.', -MAX_USD),
  totalUsd: usd('All that was added until then.'),
  note: text('In the words of who added it.'),
  by: text('Who did.'),
  at: text('ISO 8601.'),
});
const creditSchema = object({
  totalUsd: usd('All that was added.'),
  spentUsd: usd('Of it, what calls were charged; with Redis as it was a second ago at most.'),
  reservedUsd: usd(
    'What calls under way have set aside, and what workers hold for the next ones. With Redis what was charged within the last second is among it, and null while it cannot be asked.',
  ),
  remainingUsd: usd('What calls may still spend.'),
  items: list(topUp, 'Top-ups, the oldest first.'),
  next: text('What to send as `cursor`; null = no more.'),
});

export function creditRoutes(context: ApiContext): ApiRoute[] {
  return [KEYS, TEAMS, USERS, CUSTOMERS, PROJECTS, ORGANIZATIONS].flatMap((kind) => routesOf(context, kind));
}

function routesOf(context: ApiContext, kind: ResourceKind): ApiRoute[] {
  const { store } = context;
  const parts = resourceParts(context, kind);
  const path = `/api/${kind.plural}/{id}/credit`;

  async function add(request: ApiRequest): Promise<{ made: StoredObject; after: StoredObject }> {
    const { amountUsd, note } = request.body as { amountUsd: number; note?: string }; // as the schema has it
    const nano = Math.round(amountUsd * NANO);
    for (let left = TRIES; ; left--) {
      const before = await parts.read(request, 'update');
      if (request.ifMatch !== null && request.ifMatch !== before.version) throw lostUpdate(before.version);
      const total = creditOf(before) + nano;
      if (nano === 0 || total < 0 || total > MAX_USD * NANO)
        throw new ApiError(
          400,
          'invalid_value',
          nano === 0
            ? 'amountUsd: nothing would be added'
            : `amountUsd: there would be $${total / NANO} of credit in all, and 0 to ${MAX_USD} can be`,
          { param: 'amountUsd' },
        );
      const id = context.id('credit');
      const entry: StoredData = {
        of: `${kind.kind}/${before.id}`,
        nano,
        totalNano: total,
        note: note ?? '',
        by: request.actor.name,
      };
      const data: StoredData = { ...before.data, creditNano: total };
      try {
        const [made, after] = await commit(
          context,
          request,
          [
            { op: 'create', kind: 'credit', id, name: id, lookup: null, data: entry },
            {
              op: 'replace',
              kind: kind.kind,
              id: before.id,
              from: before.version,
              name: before.name,
              lookup: before.lookup,
              data,
            },
          ],
          {
            action: `${kind.kind}.credit`,
            target: `${kind.kind}/${before.id}`,
            before: { creditNano: creditOf(before) },
            after: { ...entry },
          },
        );
        return { made: made!, after: after! };
      } catch (error) {
        const stale = error instanceof ApiError && error.code === 'version_conflict';
        if (!stale || left === 0 || request.ifMatch !== null) throw error;
      }
    }
  }

  return [
    {
      method: 'POST',
      path,
      access: { resource: kind.permission, verb: 'update' },
      operation: `add-${kind.kind}-credit`,
      summary: `Adds credit to this ${kind.kind}: calls are refused once all of it is spent. Send an \`Idempotency-Key\`, and a call that is repeated adds it once.`,
      body: object(
        {
          amountUsd: usd('US dollars to add; below 0: to take back.', -MAX_USD),
          note: text('Why; kept beside it.', 1_024),
        },
        ['amountUsd'],
      ),
      answer: {
        status: 201,
        schema: object({ ...topUp.properties, version: whole(1, 1e15, 'Of the object.') }),
      },
      async handle(request) {
        const { made, after } = await add(request);
        await context.publish();
        return {
          status: 201,
          body: { ...topUpOf(made), version: after.version },
          headers: { etag: etagOf(after.version) },
        };
      },
    },
    {
      method: 'GET',
      path,
      access: { resource: kind.permission, verb: 'read' },
      operation: `get-${kind.kind}-credit`,
      summary: `Credit of this ${kind.kind}: what was added, what of it is spent, and each top-up.`,
      query: {
        cursor: cursorParameter,
        limit: limitParameter,
        by: text('Only top-ups of this one, as the audit log names them.'),
      },
      answer: { status: 200, schema: creditSchema },
      async handle(request) {
        const found = await parts.read(request, 'read');
        const page = await store.list({
          kind: 'credit',
          where: {
            of: `${kind.kind}/${found.id}`,
            ...(request.query['by'] === undefined ? {} : { by: request.query['by'] }),
          },
          after: request.query['cursor'] ?? null,
          limit: limitOf(request),
        });
        const total = creditOf(found);
        const own = ownHolderOf(found);
        const [standing] =
          total === 0
            ? []
            : await standingsOf(context, null, [`${found.id}-credit.budget`], own === null ? [] : [own]);
        const { left, spent, reserved } = partsOf(total, standing ?? { remaining: total, spent: 0 });
        return {
          status: 200,
          body: {
            totalUsd: total / NANO,
            spentUsd: spent / NANO,
            reservedUsd: reserved === null ? null : reserved / NANO,
            remainingUsd: left / NANO,
            items: page.items.map(topUpOf),
            next: page.next,
          },
        };
      },
    },
  ];
}

const creditOf = ({ data }: StoredObject): number => Number(data['creditNano'] ?? 0);

function topUpOf({ id, createdAt, data }: StoredObject): object {
  return {
    id,
    amountUsd: Number(data['nano']) / NANO,
    totalUsd: Number(data['totalNano']) / NANO,
    note: data['note'],
    by: data['by'],
    at: new Date(createdAt).toISOString(),
  };
}
