// Callers that show a token of an issuer (JWT). One that was seen before is known at once; another is verified while its
// body arrives, and nothing of the call runs until that is done.
import type { Call, Stage } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { bearerOf } from './authenticate.ts';
import { guard } from './guard.ts';

/** @param wall ms since 1970. @param otherwise for whoever shows no token of ours. */
export function createTokenCallers(wall: () => number, otherwise: Stage): Stage {
  return (call) => {
    const tokens = call.snapshot.tokens ?? null;
    if (tokens === null) return otherwise(call);
    const token = bearerOf(call.head.headers) || (call.head.headers.get('x-api-key') ?? '');
    if (!token.startsWith('eyJ')) return otherwise(call);
    const known = tokens.known(token);
    if (known !== null) {
      call.principal = known;
      return 'continue';
    }
    // A key of ours may begin like a token.
    if (!tokens.claims(token)) return otherwise(call);
    const verified = tokens.verify(token).then((result) => proofOf(call, result, wall));
    call.prove = () => verified;
    return 'continue';
  };
}

function proofOf(
  call: Call,
  result: Awaited<ReturnType<NonNullable<Call['snapshot']['tokens']>['verify']>>,
  wall: () => number,
): GatewayError | null {
  if (result instanceof GatewayError) return result;
  call.principal = result;
  if (!result.guarded) return null;
  const guarded = guard(call, wall());
  return guarded instanceof GatewayError ? guarded : null;
}
