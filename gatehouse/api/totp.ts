// A second factor for who logs in by password: begun, confirmed by a first code, taken away again.
import { randomBytes } from 'node:crypto';
import type { StoredData, StoredObject } from '../../src/contracts/store.ts';
import { ApiError } from '../errors/api-error.ts';
import type { Throttle } from '../who/throttle.ts';
import { FREE_OF_ACCOUNT } from '../who/throttle.ts';
import { base32, matchingStep, otpauth, SECRET_BYTES } from '../who/totp.ts';
import { isRecord } from './checked.ts';
import { type ApiContext, commit, lostUpdate, SECRET } from './context.ts';
import { object, text } from './fields.ts';
import { findObject } from './references.ts';
import type { ApiRequest, ApiRoute } from './route.ts';

export const code = {
  ...text('Six digits of an authenticator app.', 6),
  pattern: '^[0-9]{6}$',
  'x-expected': 'six digits',
};

/** As it lies in the administrator's object, sealed. */
interface Factor {
  readonly sealed: string;
  readonly confirmed: boolean;
  /** Of the last code that was taken. */
  readonly step: number;
}

const placeOf = ({ id }: StoredObject) => ({ kind: 'admin', id, field: 'totp' });

export function secretsOf({ data }: StoredObject): StoredData {
  const secret = data[SECRET];
  return isRecord(secret) ? (secret as StoredData) : {};
}

function factorOf(admin: StoredObject): Factor | null {
  const factor = secretsOf(admin)['totp'];
  return isRecord(factor) ? (factor as unknown as Factor) : null; // as it was written below
}

/** Whether a code is needed to log in. */
export const hasFactor = (admin: StoredObject): boolean => factorOf(admin)?.confirmed === true;

function withFactor(admin: StoredObject, factor: Factor | null): StoredData {
  const { totp: _before, ...rest } = secretsOf(admin);
  const next = factor === null ? rest : { ...rest, totp: { ...factor } };
  return { ...admin.data, twoFactor: factor?.confirmed === true, [SECRET]: next };
}

/** Takes a code, once. @returns what the administrator is from then on; null = it is wrong. */
export async function takeCode(
  { store, keys, now }: ApiContext,
  admin: StoredObject,
  given: string,
  confirm: boolean,
): Promise<StoredObject | null> {
  const factor = factorOf(admin);
  if (factor === null) return null;
  const secret = Buffer.from(keys.envelopes.open(factor.sealed, placeOf(admin)), 'base64');
  const step = matchingStep(secret, given, now(), factor.step);
  if (step === null) return null;
  const data = withFactor(admin, { ...factor, step, confirmed: factor.confirmed || confirm });
  // Of two calls with the same code at once one comes too late.
  const done = await store.commit(
    [
      {
        op: 'replace',
        kind: 'admin',
        id: admin.id,
        from: admin.version,
        name: admin.name,
        lookup: null,
        data,
      },
    ],
    null,
  );
  return done.ok ? done.objects[0]! : null;
}

export function totpRoutes(context: ApiContext, throttle: Throttle): ApiRoute[] {
  const { store, keys } = context;

  /** Who calls, by a session: a token that was narrowed must not set up what guards the password. */
  async function me(request: ApiRequest): Promise<StoredObject> {
    const { actor } = request;
    if (actor.kind !== 'admin' || actor.session === null)
      throw new ApiError(403, 'forbidden', 'Log in by password for that: a token is no session.');
    const found = await store.get('admin', actor.id);
    if (found === null)
      throw new ApiError(401, 'unauthenticated', 'There is no such administrator any more.');
    return found;
  }
  async function replace(request: ApiRequest, admin: StoredObject, factor: Factor | null, action: string) {
    const { id, version, name } = admin;
    const data = withFactor(admin, factor);
    await commit(
      context,
      request,
      [{ op: 'replace', kind: 'admin', id, from: version, name, lookup: null, data }],
      { action, target: `admin/${id}`, after: { name, twoFactor: data['twoFactor']! } },
    );
  }
  /** @throws ApiError 401, 429: six digits are soon guessed by who may guess. */
  async function check(request: ApiRequest, admin: StoredObject, confirm: boolean): Promise<StoredObject> {
    const subject = `code:${admin.id}`;
    const waitMs = throttle.waitMs(subject);
    if (waitMs > 0)
      throw new ApiError(429, 'too_many_attempts', 'Too many wrong codes.', {
        headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) },
      });
    const after = await takeCode(context, admin, String(request.body['code']), confirm);
    if (after === null) {
      throttle.failed(subject, FREE_OF_ACCOUNT);
      throw new ApiError(400, 'wrong_code', 'The code is wrong, or was used before.', { param: 'code' });
    }
    throttle.succeeded(subject);
    return after;
  }

  return [
    {
      method: 'POST',
      path: '/api/session/totp',
      access: 'signed-in',
      operation: 'begin-totp',
      summary: 'A secret for an authenticator app. It counts once a first code of it was sent to `confirm`.',
      answer: {
        status: 200,
        schema: object({ secret: text('To be typed in.'), uri: text('For a QR code.') }, ['secret', 'uri']),
      },
      async handle(request) {
        const admin = await me(request);
        if (hasFactor(admin))
          throw new ApiError(
            409,
            'has_factor',
            'There is one already: take it away first, with a code of it.',
          );
        const secret = randomBytes(SECRET_BYTES);
        const sealed = keys.envelopes.seal(secret.toString('base64'), placeOf(admin));
        await replace(request, admin, { sealed, confirmed: false, step: 0 }, 'totp.begin');
        return { status: 200, body: { secret: base32(secret), uri: otpauth(secret, admin.name) } };
      },
    },
    {
      method: 'POST',
      path: '/api/session/totp/confirm',
      access: 'signed-in',
      operation: 'confirm-totp',
      summary: 'From now on a login needs a code.',
      body: object({ code }, ['code']),
      answer: { status: 204, schema: null },
      async handle(request) {
        const after = await check(request, await me(request), true);
        await replace(request, after, factorOf(after), 'totp.confirm');
        return { status: 204 };
      },
    },
    {
      method: 'POST',
      path: '/api/session/totp/remove',
      access: 'signed-in',
      operation: 'remove-totp',
      summary: 'A login needs no code any more.',
      body: object({ code }, ['code']),
      answer: { status: 204, schema: null },
      async handle(request) {
        await replace(request, await check(request, await me(request), false), null, 'totp.remove');
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      path: '/api/admins/{id}/totp',
      access: { resource: 'administrator', verb: 'update' },
      operation: 'reset-totp',
      summary: 'For one who lost the app: an admin takes the second factor away.',
      answer: { status: 204, schema: null },
      async handle(request) {
        const found = await findObject(store, 'admin', request.params['id']!);
        if (found === null) throw new ApiError(404, 'not_found', 'There is no such admin.');
        if (request.ifMatch !== null && request.ifMatch !== found.version) throw lostUpdate(found.version);
        await replace(request, found, null, 'totp.reset');
        return { status: 204 };
      },
    },
  ];
}
