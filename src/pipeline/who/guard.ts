// What a key may not do at all: refused by its head, before a byte of the body is read. Callers of which there is nothing
// to check, which are most, cost one comparison.
import type { Call, Stage, StageResult } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { clientAddress } from './client-address.ts';

/** @param wall ms since 1970. @param authenticate says who calls. */
export function createGuard(wall: () => number, authenticate: Stage): Stage {
  return (call) => {
    const result = authenticate(call);
    if (result !== 'continue' || call.principal === null || !call.principal.guarded) return result;
    return guard(call, wall());
  };
}

/** @param now ms since 1970 */
export function guard(call: Call, now: number): StageResult {
  const { blocked, expiresAtMs, permits } = call.principal!;
  if (blocked) return new GatewayError('GW_CLIENT_KEY_BLOCKED');
  if (expiresAtMs !== 0 && now >= expiresAtMs) return new GatewayError('GW_CLIENT_KEY_EXPIRED');
  if (permits === null) return 'continue';
  if (permits.byAddress && !permits.mayCallFrom(clientAddress(call.head, call.snapshot.proxies ?? null)))
    return new GatewayError('GW_CLIENT_ADDRESS_FORBIDDEN');
  // Which of them a body asks for is known when it is read.
  const { route } = call;
  const likes = route.kind === 'model' ? route.likes : undefined;
  return likes?.some((like) => permits.mayCall(like)) === true ? 'continue' : mayCallRoute(call);
}

/** Whether its key may call the route that it has now. */
export function mayCallRoute({ principal, route }: Call): 'continue' | GatewayError {
  const permits = principal?.permits ?? null;
  if (permits === null || permits.mayCall(route)) return 'continue';
  const what = route.kind === 'model' && route.likes !== undefined ? ` for ${route.operation.name}` : '';
  return new GatewayError('GW_CLIENT_ENDPOINT_FORBIDDEN', {
    message: `This key may not call ${route.template}${what}.`,
  });
}
