// What a signed request says of itself: who signed, what and when. Read of clients that sign with a pair we issued.
import { timingSafeEqual } from 'node:crypto';
import { ALGORITHM, type Scope, type SignedRequest, signatureOf, timeOf } from './signature.ts';
import type { SigningKeys } from './signing-keys.ts';

/** An `Authorization` of this kind. */
export interface Authorization {
  accessKeyId: string;
  scope: Scope;
  signedHeaders: readonly string[];
  signature: string;
}

const CREDENTIAL = /^([^/\s]{1,128})\/(\d{8})\/([\w-]{1,64})\/([\w-]{1,64})\/aws4_request$/;
const MAX_SIGNED_HEADERS = 100;
/** As AWS has it. */
const MAX_SKEW_MS = 300_000;

/** Whether a header value is of this kind at all. */
export function isSigned(value: string | undefined): value is string {
  return value?.startsWith(`${ALGORITHM} `) === true;
}

/** Reads the header; null when it is not as it should be. */
export function readAuthorization(value: string): Authorization | null {
  const fields = new Map<string, string>();
  for (const field of value.slice(ALGORITHM.length).split(',')) {
    const [name = '', text = ''] = field.trim().split(/=(.*)/s);
    fields.set(name, text);
  }
  const credential = CREDENTIAL.exec(fields.get('Credential') ?? '');
  const signedHeaders = (fields.get('SignedHeaders') ?? '').split(';');
  const signature = fields.get('Signature') ?? '';
  const plain =
    credential !== null &&
    /^[0-9a-f]{64}$/.test(signature) &&
    signedHeaders.length <= MAX_SIGNED_HEADERS &&
    signedHeaders.includes('host') &&
    signedHeaders.includes('x-amz-date');
  if (!plain) return null;
  const [, accessKeyId, day, region, service] = credential;
  return {
    accessKeyId: accessKeyId!,
    scope: { day: day!, region: region!, service: service! },
    signedHeaders,
    signature,
  };
}

/** Whether a request is of now. @param date its `x-amz-date`. @param wallMs ms since 1970. */
export function isTimely({ scope }: Authorization, date: string, wallMs: number): boolean {
  const time = timeOf(date);
  return time !== null && date.startsWith(scope.day) && Math.abs(time - wallMs) <= MAX_SKEW_MS;
}

/**
 * Whether the signature is that of the secret. Same work whether it is or not.
 *
 * @param header value of a header, `undefined` where it is not there.
 * @param bodyHash SHA-256 of the body in hex.
 */
export function isSignatureOf(
  authorization: Authorization,
  request: Pick<SignedRequest, 'method' | 'path' | 'query'>,
  header: (name: string) => string | undefined,
  bodyHash: string,
  secretAccessKey: string,
  keys: SigningKeys,
): boolean {
  const { scope, signedHeaders, signature } = authorization;
  const headers = [...signedHeaders].sort().map((name) => [name, header(name) ?? ''] as const);
  const signed = { ...request, headers, bodyHash };
  const expected = signatureOf(signed, scope, header('x-amz-date') ?? '', keys.of(secretAccessKey, scope));
  return timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
}
