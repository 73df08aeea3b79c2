// What a plugin decided, as the pipeline takes it.
import { GatewayError } from '../../contracts/errors.ts';
import type { PluginHook, Refusal } from '../../contracts/plugin.ts';
import type { PluginHost } from '../../plugins/host.ts';

export function refusalOf({ status, message }: Refusal): GatewayError {
  return new GatewayError('GW_PLUGIN_REFUSED', { message, status });
}

/** A decision held to its shape. @throws GatewayError as `PluginHost.ask`. */
export function read<T>(
  host: PluginHost,
  hook: PluginHook,
  value: unknown,
  as: (value: unknown) => T,
): T | undefined {
  try {
    return as(value);
  } catch (cause) {
    return host.misspoke(hook, cause);
  }
}
