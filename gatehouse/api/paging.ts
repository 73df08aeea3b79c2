// Lists by pages: `{ items, next }`. What stands in the file comes first, at cursors `file:<n>`, then the store by ids.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import type { FileObject } from '../../src/contracts/gatehouse-ipc.ts';
import type { Page } from '../../src/contracts/store.ts';
import { ApiError } from '../errors/api-error.ts';
import type { ApiContext } from './context.ts';
import { text } from './fields.ts';
import { findObject } from './references.ts';
import type { ResourceKind } from './resource-kind.ts';
import type { ApiRequest } from './route.ts';
import { FILE_PREFIX, type Shown, shown, shownOfFile } from './view.ts';

/** The number of one of the file, or an id. */
const CURSOR = /^(?:file:\d{1,9}|[a-z]{2,8}_[0-9a-z]+)$/;
const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

export const limitParameter: SchemaNode = {
  type: 'string',
  pattern: '^[0-9]{1,4}$',
  'x-expected': `a whole number from 1 to ${MAX_LIMIT}`,
  description: `At most so many, from 1 to ${MAX_LIMIT}; ${DEFAULT_LIMIT} by default.`,
};

export const cursorParameter: SchemaNode = {
  type: 'string',
  pattern: '^[A-Za-z0-9_:.-]{1,128}$',
  'x-expected': 'the `next` of the page before',
  description: 'The `next` of the page before.',
};

export function pageQuery({ filters = [], fields }: ResourceKind): Record<string, SchemaNode> {
  const own = filters.map((field): [string, SchemaNode] => [
    field,
    text(`Only with this \`${field}\`. ${fields[field]?.description ?? ''}`),
  ]);
  return {
    cursor: cursorParameter,
    limit: limitParameter,
    name: text('Only the one with this name.'),
    prefix: text('Only those whose name begins so.'),
    managed: {
      type: 'string',
      enum: ['db', 'file'],
      description: 'Only those of the store, or of the file.',
    },
    ...Object.fromEntries(own),
  };
}

/** @throws ApiError 400 */
export function limitOf({ query }: ApiRequest): number {
  const limit = Number(query['limit'] ?? DEFAULT_LIMIT);
  if (limit < 1 || limit > MAX_LIMIT)
    throw new ApiError(400, 'invalid_value', `limit: expected ${limitParameter['x-expected']}`, {
      param: 'limit',
    });
  return limit;
}

export async function listPage(
  context: ApiContext,
  kind: ResourceKind,
  request: ApiRequest,
): Promise<Page<Shown>> {
  const limit = limitOf(request);
  const { cursor, managed } = request.query;
  // Of what is no cursor nothing is behind: an empty page would say that there is no more.
  if (cursor !== undefined && !CURSOR.test(cursor))
    throw new ApiError(400, 'invalid_value', `cursor: expected ${cursorParameter['x-expected']}`, {
      param: 'cursor',
    });
  const where = await filters(context, kind, request);
  const fromFile = managed === 'db' || where.blockedForFile ? [] : fileObjects(context, kind, request);
  const at =
    cursor === undefined
      ? 0
      : cursor.startsWith(FILE_PREFIX)
        ? Number(cursor.slice(FILE_PREFIX.length))
        : null;
  const first = at === null ? [] : fromFile.slice(at, at + limit).map(shownOfFile);
  if (at !== null && at + first.length < fromFile.length)
    return { items: first, next: `${FILE_PREFIX}${at + first.length}` };
  if (managed === 'file') return { items: first, next: null };
  const room = limit - first.length;
  // The page is full to the brim: whether anything follows is the next page's to say.
  if (room === 0) return { items: first, next: `${FILE_PREFIX}${fromFile.length}` };
  const { prefix } = request.query;
  const rest = await context.store.list({
    kind: kind.kind,
    where: where.values,
    ...(prefix === undefined ? {} : { prefix }),
    after: at === null ? (cursor ?? null) : null,
    limit: room,
  });
  return { items: [...first, ...rest.items.map(shown)], next: rest.next };
}

function fileObjects(context: ApiContext, kind: ResourceKind, { query }: ApiRequest): readonly FileObject[] {
  if (kind.inFile === undefined) return [];
  const wanted = (kind.filters ?? []).filter((field) => query[field] !== undefined);
  return context
    .file()
    [kind.inFile].filter(
      ({ name, data }) =>
        (query['name'] === undefined || name === query['name']) &&
        name.startsWith(query['prefix'] ?? '') &&
        wanted.every((field) => String(data[field]) === query[field]),
    );
}

/** Values by field, ids where names stood; a team-admin's list is of one of its teams. @throws ApiError 400, 403 */
async function filters(
  context: ApiContext,
  kind: ResourceKind,
  request: ApiRequest,
): Promise<{ values: Record<string, string>; blockedForFile: boolean }> {
  const values: Record<string, string> = {};
  for (const field of ['name', ...(kind.filters ?? [])]) {
    const given = request.query[field];
    if (given === undefined) continue;
    const other = kind.references?.[field];
    values[field] =
      other === undefined ? given : ((await findObject(context.store, other, given))?.id ?? given);
  }
  const { actor } = request;
  if (actor.kind !== 'admin' || actor.administrator.role !== 'team-admin')
    return { values, blockedForFile: false };
  const { teams } = actor.administrator;
  const ofTeam = 'team' in kind.fields;
  if (!ofTeam) return { values, blockedForFile: false };
  const asked = values['team'] ?? (teams.length === 1 ? teams[0] : undefined);
  if (asked === undefined)
    throw new ApiError(400, 'team_needed', 'Say which of your teams: `team`.', { param: 'team' });
  if (!teams.includes(asked)) throw new ApiError(403, 'forbidden', 'That is not one of your teams.');
  return { values: { ...values, team: asked }, blockedForFile: true };
}
