// Callers that sign their requests as AWS wants it (SigV4), with a pair we issued: a key of the configuration that has an
// `accessKeyId`, and is itself the secret. The head tells who it is; whether the body is what was signed shows when it is there.
import {
  type Authorization,
  isSignatureOf,
  isSigned,
  isTimely,
  readAuthorization,
} from '../../aws/authorization.ts';
import { bodyHashOf } from '../../aws/signature.ts';
import { SigningKeys } from '../../aws/signing-keys.ts';
import type { Call, Stage } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';

const NO_BODY = Buffer.alloc(0);

/** @param wall ms since 1970. @param otherwise for whoever does not sign, or with a pair that is not ours. */
export function createSignedCallers(wall: () => number, otherwise: Stage): Stage {
  const keys = new SigningKeys();
  return (call) => {
    const header = call.head.headers.get('authorization');
    if (!isSigned(header)) return otherwise(call);
    const authorization = readAuthorization(header);
    if (authorization === null) return refused('The signature of the request is not whole.');
    const secret = call.snapshot.secretOf(authorization.accessKeyId);
    if (secret === null) {
      const result = otherwise(call);
      return result instanceof GatewayError
        ? refused('The access key id of the signature is not known to this gateway.')
        : result;
    }
    if (!isTimely(authorization, call.head.headers.get('x-amz-date') ?? '', wall())) {
      return refused('The signature is not of now: it holds for five minutes before and behind its time.');
    }
    call.principal = call.snapshot.identify(secret);
    const prove = (body: Buffer): GatewayError | null => proofOf(call, authorization, secret, body, keys);
    // Nobody waits for the body of what is answered from memory.
    if (call.route.kind !== 'model') return prove(NO_BODY) ?? 'continue';
    call.prove = prove;
    return 'continue';
  };
}

function proofOf(
  { head }: Call,
  authorization: Authorization,
  secret: string,
  body: Buffer,
  keys: SigningKeys,
): GatewayError | null {
  const { method, path, query } = head;
  const bodyHash = bodyHashOf(body);
  const stated = head.headers.get('x-amz-content-sha256');
  // A body that was left out of the signature may be anybody's.
  if (stated !== undefined && stated !== bodyHash)
    return refused('The body is not the one that was signed: `x-amz-content-sha256` says another.');
  const header = (name: string): string | undefined => head.headers.get(name);
  return isSignatureOf(authorization, { method, path, query }, header, bodyHash, secret, keys)
    ? null
    : refused('The signature of the request is not that of its access key.');
}

function refused(message: string): GatewayError {
  return new GatewayError('GW_CLIENT_AUTH', { message });
}
