// One model server's way to tell its load: a page of Prometheus over HTTP, or a method of gRPC.
import type { ProviderConfig } from '../contracts/config.ts';
import { GRPC_CODES, GrpcFault, type GrpcMetadata } from '../contracts/grpc.ts';
import type { LoadSignalConfig, ServerLoad } from '../contracts/load-signal.ts';
import type { Names } from '../contracts/names.ts';
import type { Clock } from '../contracts/ports.ts';
import { createNames } from '../dns/names.ts';
import { createGrpcChannel } from '../upstream/http2/grpc-channel.ts';
import { createLeanUpstream } from '../upstream/lean-client.ts';
import { readJsonLoad, readLoads, Statistics } from './grpc-loads.ts';
import { fetchPage } from './metrics-fetch.ts';
import { readPage } from './metrics-page.ts';

export interface LoadSourceClient {
  /** Null: there is nothing to tell yet. @throws Error */
  ask(timeoutMs: number): Promise<ServerLoad | null>;
  close(): void;
}

export interface LoadSourceDeps {
  clock: Clock;
  names?: Names | undefined;
  random(): number;
}

const NOTHING = new Uint8Array();
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** The same in both engines; SGLang's newer service tells it as JSON. */
const LOADS = [
  { path: '/vllm.grpc.engine.VllmEngine/GetLoads', read: readLoads },
  { path: '/sglang.runtime.v1.SglangService/GetLoad', read: readJsonLoad },
  { path: '/sglang.grpc.scheduler.SglangScheduler/GetLoads', read: readLoads },
] as const;
const STATISTICS = '/inference.GRPCInferenceService/ModelStatistics';

export function createLoadSource(
  provider: ProviderConfig,
  config: LoadSignalConfig,
  deps: LoadSourceDeps,
): LoadSourceClient {
  return config.source === 'metrics' ? byPage(provider, config, deps) : byGrpc(provider, config, deps);
}

/** Credentials go to the provider's own server alone. */
function headersFor(provider: ProviderConfig, url: string): Record<string, string> {
  const own = URL.canParse(provider.baseUrl) && new URL(provider.baseUrl).host === new URL(url).host;
  const [key] = provider.keys;
  if (!own) return {};
  const plain = key !== undefined && key.aws === undefined && key.credential === undefined;
  return { ...provider.headers, ...(plain && { authorization: `Bearer ${key.value}` }) };
}

function byPage(
  provider: ProviderConfig,
  { url, waiting, running }: LoadSignalConfig,
  { clock, names }: LoadSourceDeps,
): LoadSourceClient {
  const { origin, pathname, search } = new URL(url);
  const { tls, proxy } = provider;
  const upstream = createLeanUpstream({
    baseUrl: origin,
    connections: 1,
    connectTimeoutMs: 0,
    closeTimeoutMs: 0,
    tls: url.startsWith('https:') ? tls : undefined,
    proxy,
    names,
    now: () => clock.now(),
  });
  const headers = { accept: 'text/plain', 'accept-encoding': 'identity', ...headersFor(provider, url) };
  return {
    ask: async (timeoutMs) =>
      readPage(await fetchPage(upstream, pathname + search, headers, timeoutMs), waiting, running),
    close: () => void upstream.close().catch(() => {}),
  };
}

function byGrpc(
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
  const metadata: GrpcMetadata = headersFor(provider, url);
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
