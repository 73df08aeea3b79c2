// The authority that machines trust which open connections at the edge: made by an administrator and never by itself. Its key lies in the
// store, sealed, and leaves it never; machines get certificates for a day, of hosts that the policy names, for keys that they keep.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import type { Change, StoredObject } from '../../src/contracts/store.ts';
import { type ApiContext, commit, SECRET } from './context.ts';
import type { ApiRequest } from './route.ts';
import { ApiError } from '../errors/api-error.ts';
import { authorityCertificate, serverCertificate } from '../edge/certificates.ts';

/** There is one. */
const NAME = 'authority';
const DAY_MS = 86_400_000;
const LEAF_MS = DAY_MS;
/** Clocks of machines are late. */
const EARLY_MS = 5 * 60_000;

export interface Authority {
  /** PEM. */
  readonly certificate: string;
  readonly name: string;
  /** SHA-256, as systems show it. */
  readonly fingerprint: string;
  /** ms since 1970. */
  readonly notAfter: number;
}

export interface Leaf {
  /** PEM: the certificate alone, since machines have the authority's. */
  readonly certificate: string;
  /** ms since 1970. */
  readonly notAfter: number;
}

type Deps = Pick<ApiContext, 'store' | 'keys' | 'now' | 'id' | 'publish'>;
type Asked = Pick<ApiRequest, 'actor' | 'ip'>;

const placeOf = (id: string) => ({ kind: 'edge-authority', id, field: 'privateKey' });
const find = ({ store }: Pick<Deps, 'store'>): Promise<StoredObject | null> =>
  store.byName('edge-authority', NAME);

/** Null: nobody has made one. */
export async function readAuthority(deps: Pick<Deps, 'store'>): Promise<Authority | null> {
  const found = await find(deps);
  return found === null ? null : shown(found);
}

/** @throws ApiError 409 where there is one and `replace` does not say so: every machine trusts the old one. */
export async function makeAuthority(
  context: ApiContext,
  request: Asked,
  { name, days, replace }: { name: string; days: number; replace: boolean },
): Promise<Authority> {
  const before = await find(context);
  if (before !== null && !replace)
    throw new ApiError(
      409,
      'exists',
      'There is an authority already. With `replace` another takes its place, which every machine has to trust anew.',
    );
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const from = context.now() - EARLY_MS;
  const until = context.now() + days * DAY_MS;
  const certificate = authorityCertificate({ name, privateKey }, { from, until });
  const id = before?.id ?? context.id('edge-authority');
  const sealed = context.keys.envelopes.seal(
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    placeOf(id),
  );
  const data = { name, certificate, [SECRET]: sealed };
  const change: Change =
    before === null
      ? { op: 'create', kind: 'edge-authority', id, name: NAME, lookup: null, data }
      : { op: 'replace', kind: 'edge-authority', id, from: before.version, name: NAME, lookup: null, data };
  const [made] = await commit(context, request, [change], {
    action: before === null ? 'edge-authority.create' : 'edge-authority.replace',
    target: `edge-authority/${id}`,
    before: before?.data ?? null,
    after: data,
  });
  return shown(made!);
}

/** @throws ApiError 404 */
export async function removeAuthority(context: ApiContext, request: Asked): Promise<void> {
  const found = await find(context);
  if (found === null) throw none();
  await commit(
    context,
    request,
    [{ op: 'delete', kind: 'edge-authority', id: found.id, from: found.version }],
    { action: 'edge-authority.delete', target: `edge-authority/${found.id}`, before: found.data },
  );
}

/** @param publicKey PEM of the machine's. @throws ApiError 404 without an authority, 400 for what is no such key */
export async function signLeaf(deps: Deps, host: string, publicKey: string): Promise<Leaf> {
  const found = await find(deps);
  if (found === null) throw none();
  const privateKey = createPrivateKey(
    deps.keys.envelopes.open(String(found.data[SECRET]), placeOf(found.id)),
  );
  const { notAfter: end } = shown(found);
  // A certificate knows whole seconds.
  const from = Math.floor((deps.now() - EARLY_MS) / 1_000) * 1_000;
  const until = Math.min(from + LEAF_MS, end);
  const issuer = { name: String(found.data['name']), privateKey };
  return {
    certificate: serverCertificate(issuer, host, keyOf(publicKey), { from, until }),
    notAfter: until,
  };
}

function keyOf(pem: string): KeyObject {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  } catch {
    // Said below.
  }
  throw new ApiError(400, 'invalid_value', 'publicKey: expected a public key of P-256 as PEM', {
    param: 'publicKey',
  });
}

function shown({ data }: StoredObject): Authority {
  const certificate = String(data['certificate']);
  const { fingerprint256, validTo } = new X509Certificate(certificate);
  return {
    certificate,
    name: String(data['name']),
    fingerprint: fingerprint256,
    notAfter: Date.parse(validTo),
  };
}

const none = (): ApiError =>
  new ApiError(
    404,
    'no_authority',
    'There is no authority: an administrator makes it (`POST /api/edge/authority`).',
  );
