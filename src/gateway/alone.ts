import type { Call } from '../contracts/call.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';

/** Whether there is one caller, from whom nothing of others need be kept. Who is let in without a key is one beside those with one. */
export function aloneIn(directory: GatewayPorts['directory']): (call: Call) => boolean {
  return ({ snapshot }) => directory.size + (snapshot.config.auth.anonymous ? 1 : 0) <= 1;
}
