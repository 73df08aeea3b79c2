// Whether a job's method is there and takes the message that the job makes: said when the configuration is read, and not by the first call.
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { JsonObject } from '../contracts/json.ts';
import { createMessageTypes } from '../grpc/message-types.ts';

export interface MethodFault {
  member: 'method' | 'request';
  message: string;
}

/** Null: nothing is wrong as far as can be seen. @param provider undefined = there is none of that name. */
export function methodFault(
  provider: ProviderConfig | undefined,
  method: string,
  request: JsonObject,
): MethodFault | null {
  if (provider?.grpc?.protocol !== 'proto')
    return { member: 'method', message: 'names no provider with `protocol: proto`' };
  // Found fault with already.
  if (provider.grpc.descriptors === '') return null;
  try {
    const types = createMessageTypes(provider.grpc.descriptors);
    const found = types.method(method);
    if (found === null) {
      const there = types.methods.join(', ') || 'none';
      return { member: 'method', message: `${provider.name} has no method ${method}; there are ${there}` };
    }
    const unknown = found.unknown(request);
    return unknown === null
      ? null
      : { member: 'request', message: `the message of ${method} has no \`${unknown}\`` };
  } catch (cause) {
    return { member: 'method', message: cause instanceof Error ? cause.message : String(cause) };
  }
}
