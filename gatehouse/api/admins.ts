// Administrators and their personal tokens.
import { randomBytes } from 'node:crypto';
import type { StoredObject } from '../../src/contracts/store.ts';
import { credentialHash, issueCredential, shownOf } from '../../src/governance/virtual-key.ts';
import { ApiError, notFound } from '../errors/api-error.ts';
import { hashPassword } from '../who/passwords.ts';
import type { Sessions } from '../who/sessions.ts';
import { type ApiContext, commit, etagOf, lostUpdate, SECRET } from './context.ts';
import { blocked, choice, list, name, object, pageOf, shownFields, text, whole } from './fields.ts';
import { password } from './login.ts';
import { cursorParameter, limitOf, limitParameter } from './paging.ts';
import { findObject } from './references.ts';
import { resourceParts, resourceRoutes } from './resource.ts';
import type { ResourceKind } from './resource-kind.ts';
import type { ApiRequest, ApiRoute } from './route.ts';
import { secretsOf } from './totp.ts';
import { shown } from './view.ts';

const ROLES = ['admin', 'editor', 'viewer', 'team-admin'] as const;
const scopes = list(
  {
    type: 'string',
    pattern: '^([a-z-]+|\\*):([a-z]+|\\*)$',
    'x-expected': '`resource:verb`, either of them `*`',
  },
  'What the token may do of what its administrator may: `key:read`, `key:*`, `*:read`; all of it when absent.',
);

const ADMINS: ResourceKind = {
  kind: 'admin',
  plural: 'admins',
  permission: 'administrator',
  fields: {
    role: choice(ROLES, 'What they may do.'),
    teams: list(text(''), 'Of a team-admin: ids or names of its teams.'),
    email: text('Address of the person.', 320),
    subject: text('Who it is at the OpenID provider: `<issuer>#<sub>`. Set by the first login there.', 2_600),
    blocked,
  },
  required: ['role'],
  references: { teams: 'team' },
  filters: ['role', 'email', 'subject', 'blocked'],
};

const MS_A_DAY = 86_400_000;

export function adminRoutes(context: ApiContext, sessions: Sessions): ApiRoute[] {
  const { store, keys } = context;
  const parts = resourceParts(context, ADMINS);

  /** Nobody may leave the gateway without an administrator who can do everything. */
  async function keepOne(without: StoredObject): Promise<void> {
    if (without.data['role'] !== 'admin') return;
    const { items } = await store.list({ kind: 'admin', where: { role: 'admin' }, limit: 100 });
    if (!items.some(({ id, data }) => id !== without.id && data['blocked'] !== true))
      throw new ApiError(409, 'last_admin', 'It is the last administrator with the role `admin`.');
  }

  const routes = resourceRoutes(context, ADMINS, parts).map((route): ApiRoute => {
    if (route.method === 'DELETE')
      return {
        ...route,
        summary: 'Ends the sessions and tokens of the administrator, too. The last one stays.',
        async handle(request) {
          const found = await parts.read(request, 'delete');
          if (request.ifMatch !== null && request.ifMatch !== found.version) throw lostUpdate(found.version);
          await keepOne(found);
          await sessions.endAll(found.id);
          const tokens = await store.list({ kind: 'token', where: { admin: found.id }, limit: 500 });
          if (tokens.items.length > 0)
            await store.commit(
              tokens.items.map(({ id }) => ({ op: 'delete', kind: 'token', id, from: null }) as const),
              null,
            );
          return route.handle(request);
        },
      };
    if (route.method === 'PATCH')
      return {
        ...route,
        async handle(request) {
          const before = await parts.read(request, 'update');
          const { role = before.data['role'], blocked: stops = before.data['blocked'] } = request.body;
          if (role !== 'admin' || stops === true) await keepOne(before);
          return route.handle(request);
        },
      };
    return route;
  });

  const tokenShape = object(
    {
      ...shownFields,
      name,
      admin: text('Id of its administrator.'),
      label: name,
      prefix: text('Its beginning.'),
      lastFour: text('Its end.'),
      scopes,
      until: whole(0, Number.MAX_SAFE_INTEGER, 'ms since 1970.'),
    },
    ['id', 'name'],
  );
  const mine = (request: ApiRequest): string => {
    if (request.actor.kind !== 'admin')
      throw new ApiError(403, 'forbidden', 'An administrator is needed for that.');
    return request.actor.id;
  };

  return [
    ...routes,
    {
      method: 'PUT',
      path: '/api/admins/{id}/password',
      access: 'signed-in',
      operation: 'set-password',
      summary: 'Sets a password: of oneself, or of anybody by an admin. Ends the sessions there are.',
      body: object({ password }, ['password']),
      answer: { status: 204, schema: null },
      async handle(request) {
        const found = await findObject(store, 'admin', request.params['id']!);
        const self = request.actor.kind === 'admin' && found?.id === request.actor.id;
        if (!self) await parts.read(request, 'update');
        if (found === null) throw notFound('admin');
        // A narrowed token must not become a session that may do everything.
        if (request.actor.kind === 'admin' && request.actor.administrator.scopes !== null)
          throw new ApiError(403, 'forbidden', 'A token with scopes of its own sets no password.');
        const hash = await hashPassword(String(request.body['password']));
        await parts.replace(request, found, 'password', {
          data: { ...found.data, [SECRET]: { ...secretsOf(found), password: hash } },
        });
        await sessions.endAll(found.id);
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/api/tokens',
      access: 'signed-in',
      operation: 'list-tokens',
      summary: 'Personal tokens of who calls.',
      query: {
        cursor: cursorParameter,
        limit: limitParameter,
        label: text('Only the one with this label.'),
        prefix: text('Only those that begin so, as a secret scanner may have found one.'),
      },
      answer: { status: 200, schema: pageOf(tokenShape) },
      async handle(request) {
        const { cursor, label, prefix } = request.query;
        const { items, next } = await store.list({
          kind: 'token',
          where: {
            admin: mine(request),
            ...(label === undefined ? {} : { label }),
            ...(prefix === undefined ? {} : { prefix }),
          },
          after: cursor ?? null,
          limit: limitOf(request),
        });
        return { status: 200, body: { items: items.map(shown), next } };
      },
    },
    {
      method: 'POST',
      path: '/api/tokens',
      access: 'signed-in',
      operation: 'create-token',
      summary: 'A personal token of who calls, shown once. It may do what they may, or less.',
      body: object(
        { name, scopes, days: whole(1, 3_650, 'It is over after so many days; never when absent.') },
        ['name'],
      ),
      answer: {
        status: 201,
        schema: object({ ...tokenShape.properties, token: text('Shown once.') }, ['id', 'token']),
      },
      async handle(request) {
        const admin = mine(request);
        const { name: label, scopes: stated, days } = request.body;
        const own = request.actor.kind === 'admin' ? request.actor.administrator.scopes : null;
        if (own !== null)
          throw new ApiError(403, 'forbidden', 'A token with scopes of its own makes no others.');
        const id = context.id('token');
        const token = issueCredential('token', randomBytes);
        const data = {
          admin,
          label: String(label),
          ...shownOf(token),
          ...(Array.isArray(stated) ? { scopes: stated.map(String) } : {}),
          ...(typeof days === 'number' ? { until: context.now() + days * MS_A_DAY } : {}),
        };
        const [made] = await commit(
          context,
          request,
          [
            {
              op: 'create',
              kind: 'token',
              id,
              name: `${admin}/${String(label)}`,
              lookup: credentialHash(keys.adminToken, token),
              data,
            },
          ],
          { action: 'token.create', target: `token/${id}`, after: data },
        );
        return { status: 201, body: { ...shown(made!), token }, headers: { etag: etagOf(1) } };
      },
    },
    {
      method: 'DELETE',
      path: '/api/tokens/{id}',
      access: 'signed-in',
      operation: 'delete-token',
      summary: 'Ends a personal token of who calls, or of anybody by an admin.',
      answer: { status: 204, schema: null },
      async handle(request) {
        const found = await store.get('token', request.params['id']!);
        const admin = mine(request);
        const all = request.actor.kind === 'admin' && request.actor.administrator.role === 'admin';
        if (found === null || (found.data['admin'] !== admin && !all)) throw notFound('token');
        if (request.ifMatch !== null && request.ifMatch !== found.version) throw lostUpdate(found.version);
        const from = found.version;
        await commit(context, request, [{ op: 'delete', kind: 'token', id: found.id, from }], {
          action: 'token.delete',
          target: `token/${found.id}`,
          before: found.data,
        });
        return { status: 204 };
      },
    },
  ];
}
