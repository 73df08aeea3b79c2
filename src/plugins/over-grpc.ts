// A plugin behind a gRPC server (docs/proto/headgate/plugin/v1/plugin.proto), on a connection that is kept.
import type { GrpcChannel } from '../contracts/grpc.ts';
import type { PluginConfig } from '../contracts/plugin-config.ts';
import type { CreateRunner } from '../contracts/plugin-port.ts';
import {
  DESCRIBE_PATH,
  decodeDecision,
  decodeDescribed,
  encodeDescribe,
  encodeEvent,
  pathOf,
} from '../grpc/plugin-codec.ts';

/** It may be starting too. */
const DESCRIBE_MS = 5_000;

/** @param connect makes the channel to the plugin's address. */
export function createOverGrpc(connect: (config: PluginConfig) => GrpcChannel): CreateRunner {
  return async (config) => {
    const { name, options, requestHeaders } = config;
    const channel = connect(config);
    const metadata = requestHeaders ?? {};
    try {
      const hooks =
        config.hooks ??
        decodeDescribed(
          await channel.unary(DESCRIBE_PATH, encodeDescribe(name, options), {
            deadlineMs: DESCRIBE_MS,
            metadata,
          }),
        );
      return {
        hooks: new Set(hooks),
        async run(hook, event, timeoutMs) {
          const answer = await channel.unary(pathOf(hook), encodeEvent(hook, event), {
            deadlineMs: timeoutMs,
            metadata,
          });
          return decodeDecision(hook, answer);
        },
        delta: () => undefined,
        close: () => channel.close(),
      };
    } catch (cause) {
      channel.close();
      throw cause;
    }
  };
}
