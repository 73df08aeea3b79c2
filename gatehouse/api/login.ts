// Set-up, login, sessions, and what an administrator may know of itself.
import { randomBytes } from 'node:crypto';
import type { StoredObject } from '../../src/contracts/store.ts';
import { permissionsOf } from '../../src/governance/roles.ts';
import { credentialHash, issueCredential, shownOf } from '../../src/governance/virtual-key.ts';
import { ApiError } from '../errors/api-error.ts';
import { hashPassword, isPassword, MIN_PASSWORD } from '../who/passwords.ts';
import type { Sessions } from '../who/sessions.ts';
import { FREE_OF_ACCOUNT, FREE_OF_ADDRESS, type Throttle } from '../who/throttle.ts';
import { type ApiContext, commit, eventOf, SECRET } from './context.ts';
import { list, name, object, text } from './fields.ts';
import type { ApiAnswer, ApiRequest, ApiRoute } from './route.ts';
import { sessionCookie } from './session-cookie.ts';
import { code, hasFactor, takeCode } from './totp.ts';
import { shown } from './view.ts';

export const password = {
  ...text(`At least ${MIN_PASSWORD} characters.`, 1_024),
  minLength: MIN_PASSWORD,
  'x-secret': true,
};

const admin = object({ id: text(''), name, role: text('') }, ['id', 'name', 'role']);
const session = object({ admin, csrfToken: text('For `x-csrf-token`.'), permissions: list(text(''), '') }, [
  'admin',
]);

export interface LoginDeps {
  readonly sessions: Sessions;
  readonly throttle: Throttle;
}

export function loginRoutes(context: ApiContext, { sessions, throttle }: LoginDeps): ApiRoute[] {
  const { store, keys } = context;

  async function begin(request: ApiRequest, found: StoredObject): Promise<ApiAnswer> {
    const { cookie, csrf } = await sessions.begin(found.id);
    return {
      status: 200,
      body: { admin: shown(found), csrfToken: csrf },
      headers: { 'set-cookie': sessionCookie(cookie, request.secure) },
    };
  }

  /** @throws ApiError 401: without a code, or with a wrong one, which counts as a failed attempt. */
  async function secondFactor(
    request: ApiRequest,
    found: StoredObject,
    subjects: readonly string[],
  ): Promise<void> {
    const given = request.body['code'];
    if (given === undefined)
      throw new ApiError(401, 'code_needed', 'Send the `code` of your authenticator app as well.', {
        param: 'code',
      });
    if ((await takeCode(context, found, String(given), false)) !== null) return;
    throttle.failed(subjects[0]!, FREE_OF_ACCOUNT);
    throttle.failed(subjects[1]!, FREE_OF_ADDRESS);
    const deed = { action: 'login', target: `admin/${found.id}`, after: { name: found.name } };
    await store.commit([], eventOf(context, request, deed, 'denied', 'wrong code'));
    throw new ApiError(401, 'wrong_code', 'The code is wrong, or was used before.', { param: 'code' });
  }

  return [
    {
      method: 'POST',
      path: '/api/setup',
      access: 'open',
      operation: 'set-up',
      summary:
        'Makes the first administrator, by the token that the gateway printed at its start. Works once.',
      body: object({ name, password }, ['name'], ''),
      answer: {
        status: 201,
        schema: object({ admin, token: text('A personal token; shown once.') }, ['admin', 'token']),
      },
      async handle(request) {
        if (request.actor.kind !== 'setup') {
          await store.commit(
            [],
            eventOf(context, request, { action: 'setup', target: '' }, 'denied', 'no set-up token'),
          );
          throw new ApiError(
            401,
            'unauthenticated',
            'Send the set-up token that the gateway printed, as `Authorization: Bearer`.',
          );
        }
        const { name: named, password: secret } = request.body;
        const id = context.id('admin');
        const tokenId = context.id('token');
        const token = issueCredential('token', randomBytes);
        const hash = typeof secret === 'string' ? await hashPassword(secret) : null;
        const data = { role: 'admin', ...(hash === null ? {} : { [SECRET]: { password: hash } }) };
        // All set-up tokens go in the same commit: of two that are used at once one finds its own gone.
        const { items } = await store.list({ kind: 'token', where: { setup: true }, limit: 100 });
        if (items.length === 0)
          throw new ApiError(409, 'set_up_already', 'This gateway has an administrator already.');
        await commit(
          context,
          request,
          [
            ...items.map((one) => ({ op: 'delete', kind: 'token', id: one.id, from: one.version }) as const),
            { op: 'create', kind: 'admin', id, name: String(named), lookup: null, data },
            {
              op: 'create',
              kind: 'token',
              id: tokenId,
              name: `${String(named)}/setup`,
              lookup: credentialHash(keys.adminToken, token),
              data: { admin: id, label: 'setup', ...shownOf(token) },
            },
          ],
          { action: 'setup', target: `admin/${id}`, after: { name: String(named), ...data } },
        );
        return { status: 201, body: { admin: { id, name: named, role: 'admin' }, token } };
      },
    },
    {
      method: 'POST',
      path: '/api/login',
      access: 'open',
      operation: 'log-in',
      summary: 'Begins a session: its cookie, and the token that calls which change something have to send.',
      body: object({ name, password: { ...password, minLength: 1 }, code }, ['name', 'password']),
      answer: { status: 200, schema: session },
      async handle(request) {
        const named = String(request.body['name']);
        if (context.oidc?.only === true) {
          const deed = { action: 'login', target: '', after: { name: named } };
          await store.commit([], eventOf(context, request, deed, 'denied', 'passwords are switched off'));
          throw new ApiError(
            403,
            'passwords_off',
            'Log in at the OpenID provider: passwords are switched off.',
          );
        }
        const subjects = [`name:${named}`, `ip:${request.ip}`] as const;
        const waitMs = Math.max(...subjects.map((subject) => throttle.waitMs(subject)));
        if (waitMs > 0) {
          const seconds = String(Math.ceil(waitMs / 1_000));
          throw new ApiError(
            429,
            'too_many_attempts',
            `Too many failed attempts: try again in ${seconds} s.`,
            {
              headers: { 'retry-after': seconds },
            },
          );
        }
        const found = await store.byName('admin', named);
        const secret = found?.data[SECRET];
        const stored =
          typeof secret === 'object' && secret !== null && 'password' in secret
            ? String(secret['password'])
            : null;
        const right = await isPassword(String(request.body['password']), stored);
        const deed = { action: 'login', target: found === null ? '' : `admin/${found.id}` };
        if (!right || found === null || found.data['blocked'] === true) {
          throttle.failed(subjects[0], FREE_OF_ACCOUNT);
          throttle.failed(subjects[1], FREE_OF_ADDRESS);
          await store.commit(
            [],
            eventOf(
              context,
              request,
              { ...deed, after: { name: named } },
              'denied',
              'wrong name or password',
            ),
          );
          throw new ApiError(401, 'wrong_credentials', 'The name or the password is wrong.');
        }
        if (hasFactor(found)) await secondFactor(request, found, subjects);
        throttle.succeeded(subjects[0]);
        await store.commit([], eventOf(context, request, { ...deed, after: { name: named } }));
        return begin(request, found);
      },
    },
    {
      method: 'POST',
      path: '/api/logout',
      access: 'signed-in',
      operation: 'log-out',
      summary: 'Ends the session, on the server too.',
      answer: { status: 204, schema: null },
      async handle(request) {
        if (request.actor.kind === 'admin' && request.actor.session !== null)
          await sessions.end(request.actor.session);
        return { status: 204, headers: { 'set-cookie': sessionCookie('', request.secure) } };
      },
    },
    {
      method: 'GET',
      path: '/api/session',
      access: 'signed-in',
      asksWho: true,
      operation: 'get-session',
      summary: 'Who calls, and what they may do.',
      answer: { status: 200, schema: session },
      async handle(request) {
        const { actor, credential } = request;
        if (actor.kind !== 'admin')
          throw new ApiError(401, 'unauthenticated', 'An administrator is needed for that.');
        const found = await store.get('admin', actor.id);
        const { role } = actor.administrator;
        return {
          status: 200,
          body: {
            admin: found === null ? { id: actor.id, name: actor.name, role } : shown(found),
            permissions: permissionsOf(role).map(({ resource, verb }) => `${resource}:${verb}`),
            ...(actor.session === null ? {} : { csrfToken: sessions.csrfOf(credential) }),
          },
        };
      },
    },
  ];
}
