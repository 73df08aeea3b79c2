// What of a configuration is secret: none of it may stand in a log line.
import type { Config } from '../src/contracts/config.ts';

export function secretsOf({ providers, server, redis: shared }: Config): string[] {
  const keys = providers.flatMap((provider) =>
    provider.keys.flatMap(({ credential, value }) => (credential === undefined ? value : [])),
  );
  const ways = providers.flatMap(({ proxy, tls }) => [
    tls?.key,
    proxy === undefined ? undefined : passwordOf(proxy),
  ]);
  const own = [shared?.url, server.metricsKey, ...ways].filter((secret) => secret !== undefined);
  return [...keys, ...own];
}

export function credentialIds({ providers }: Config): string[] {
  return providers.flatMap(({ keys }) => keys.flatMap(({ credential }) => credential?.id ?? []));
}

function passwordOf(proxy: string): string | undefined {
  return decodeURIComponent(new URL(proxy).password) || undefined;
}
