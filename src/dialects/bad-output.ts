// An upstream's answer that is not its dialect.
import { GatewayError } from '../contracts/errors.ts';

/** GW_UPSTREAM_BAD_OUTPUT; `detail` goes to the log only. */
export function badOutput(detail: string): GatewayError {
  return new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { cause: detail });
}
