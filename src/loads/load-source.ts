// One model server's way to tell its load: a page of Prometheus over HTTP, or a method of gRPC.
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { LoadSignalConfig } from '../contracts/load-signal.ts';
import { createLeanUpstream } from '../upstream/lean-client.ts';
import type { LoadSourceClient, LoadSourceDeps } from './load-source-client.ts';
import { fetchPage } from './metrics-fetch.ts';
import { readPage } from './metrics-page.ts';
import { sourceHeaders } from './source-headers.ts';

export function createLoadSource(
  provider: ProviderConfig,
  config: LoadSignalConfig,
  deps: LoadSourceDeps,
): LoadSourceClient {
  return config.source === 'metrics' ? byPage(provider, config, deps) : byGrpc(provider, config, deps);
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
  const headers = { accept: 'text/plain', 'accept-encoding': 'identity', ...sourceHeaders(provider, url) };
  return {
    ask: async (timeoutMs) =>
      readPage(await fetchPage(upstream, pathname + search, headers, timeoutMs), waiting, running),
    close: () => void upstream.close().catch(() => {}),
  };
}

function byGrpc(provider: ProviderConfig, config: LoadSignalConfig, deps: LoadSourceDeps): LoadSourceClient {
  const client = import('./grpc-load-source.ts').then(({ createGrpcLoadSource }) =>
    createGrpcLoadSource(provider, config, deps),
  );
  client.catch(() => undefined); // each that asks hears of it
  return {
    ask: (timeoutMs) => client.then((there) => there.ask(timeoutMs)),
    close: () =>
      void client.then(
        (there) => there.close(),
        () => undefined,
      ),
  };
}
