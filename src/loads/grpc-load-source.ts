// A model server's load by a method of gRPC. Loaded by those alone who ask so (load-source.ts).
import type { ProviderConfig } from '../contracts/provider-config.ts';
import { GRPC_CODES, GrpcFault, type GrpcMetadata } from '../contracts/grpc.ts';
import type { LoadSignalConfig, ServerLoad } from '../contracts/load-signal.ts';
import { createNames } from '../dns/names.ts';
import { createGrpcChannel } from '../upstream/http2/grpc-channel.ts';
import { readJsonLoad, readLoads, Statistics } from './grpc-loads.ts';
import type { LoadSourceClient, LoadSourceDeps } from './load-source-client.ts';
import { sourceHeaders } from './source-headers.ts';

const NOTHING = new Uint8Array();
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** The same in both engines; SGLang's newer service tells it as JSON. */
const LOADS = [
  { path: '/vllm.grpc.engine.VllmEngine/GetLoads', read: readLoads },
  { path: '/sglang.runtime.v1.SglangService/GetLoad', read: readJsonLoad },
  { path: '/sglang.grpc.scheduler.SglangScheduler/GetLoads', read: readLoads },
] as const;
const STATISTICS = '/inference.GRPCInferenceService/ModelStatistics';

export function createGrpcLoadSource(
  provider: ProviderConfig,
  { url, source }: LoadSignalConfig,
  { clock, names = createNames(), random }: LoadSourceDeps,
): LoadSourceClient {
  const tls = url.startsWith('https:') ? provider.tls : undefined;
  const channel = createGrpcChannel(
    url,
    { names, now: () => clock.now(), random },
    { tls, maxMessageBytes: MAX_MESSAGE_BYTES },
  );
  const metadata: GrpcMetadata = sourceHeaders(provider, url);
  const statistics = new Statistics();
  /** The first method that the server has. */
  let method = 0;
  const loads = async (deadlineMs: number): Promise<ServerLoad> => {
    for (;;) {
      const { path, read } = LOADS[method]!;
      try {
        return read(await channel.unary(path, NOTHING, { metadata, deadlineMs }));
      } catch (cause) {
        const lacks = cause instanceof GrpcFault && cause.end.code === GRPC_CODES.UNIMPLEMENTED;
        if (!lacks || method === LOADS.length - 1) {
          method = 0;
          throw cause;
        }
        method++;
      }
    }
  };
  return {
    ask:
      source === 'loads'
        ? loads
        : async (deadlineMs) =>
            statistics.read(await channel.unary(STATISTICS, NOTHING, { metadata, deadlineMs }), clock.now()),
    close: () => channel.close(),
  };
}
