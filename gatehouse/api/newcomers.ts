// Who a machine belongs to that enrols by itself: a person who logged in at the OpenID provider, or the holder of a certificate.
import type { EdgeEnrolment } from '../../src/contracts/admin.ts';
import type { ApiContext } from './context.ts';
import { findObject } from './references.ts';
import { ApiError } from '../errors/api-error.ts';
import { type Claims, claimAt } from '../who/oidc-client.ts';
import type { DeviceOwners } from '../edge/device-keys.ts';

export interface Newcomer {
  /** No two ever the same. */
  readonly subject: string;
  /** For people. */
  readonly person: string;
  readonly owners: DeviceOwners;
}

type Oidc = NonNullable<EdgeEnrolment['oidc']>;

/** @throws ApiError 409 when the configured team is not there */
export async function personOfClaims(
  context: Pick<ApiContext, 'store' | 'enrolment'>,
  { issuer, claims: paths }: Oidc,
  claims: Claims,
): Promise<Newcomer> {
  const textAt = (path: string): string => {
    const value = claimAt(claims, path);
    return typeof value === 'string' ? value.trim().slice(0, 320) : '';
  };
  const email = textAt(paths.email);
  const subject = `oidc:${issuer}#${textAt('sub')}`;
  // An address that nobody has checked may be somebody else's.
  const verified = claims['email_verified'] === true ? email : '';
  const { items } =
    verified === ''
      ? { items: [] }
      : await context.store.list({ kind: 'user', where: { email: verified }, limit: 1 });
  const user = items[0]?.id;
  return {
    subject,
    person: email || textAt(paths.name) || textAt('sub'),
    owners: { ...(await teamOf(context)), ...(user === undefined ? {} : { user }) },
  };
}

/** @throws ApiError 409 */
export async function holderOfCertificate(
  context: Pick<ApiContext, 'store' | 'enrolment'>,
  { fingerprint, name }: { fingerprint: string; name: string },
): Promise<Newcomer> {
  return { subject: `certificate:${fingerprint}`, person: name, owners: await teamOf(context) };
}

async function teamOf({
  store,
  enrolment: { team },
}: Pick<ApiContext, 'store' | 'enrolment'>): Promise<DeviceOwners> {
  if (team === null) return {};
  const found = await findObject(store, 'team', team);
  if (found === null)
    throw new ApiError(
      409,
      'unknown_team',
      `Devices are to belong to the team \`${team}\` (admin.edge.team), which is not there.`,
    );
  return { team: found.id };
}
