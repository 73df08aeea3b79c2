// What has a name and no page of its own: models and providers, for whoever seeks one.
import { get } from '../api/client.ts';
import { may } from '../api/session.ts';
import { placeOf } from './router.ts';

export interface Hit {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly to: string;
}

interface Asked {
  readonly config: { readonly effective: { readonly models?: Readonly<Record<string, unknown>> } };
  readonly stats: { readonly groups: readonly { readonly value: string | null }[] };
  readonly cluster: { readonly lanes: readonly { readonly provider: string }[] };
}

/** Models that have a plan lead to it, others that were called lately to their calls. What cannot be read is left out. */
export async function modelsAndProviders(signal: AbortSignal): Promise<readonly Hit[]> {
  const read = <T>(resource: string, url: string): Promise<T | null> =>
    may(resource, 'read') ? get<T>(url, signal).catch(() => null) : Promise.resolve(null);
  const [config, stats, cluster] = await Promise.all([
    read<Asked['config']>('config', '/api/config'),
    read<Asked['stats']>('log', '/api/stats?since=30d&group=model&top=100&metrics=requests'),
    read<Asked['cluster']>('cluster', '/api/cluster'),
  ]);
  const planned = Object.keys(config?.effective.models ?? {});
  const called = (stats?.groups ?? []).flatMap(({ value }) => value ?? []);
  const hit = (kind: string, name: string, to: string): Hit => ({ id: `${kind} ${name}`, kind, name, to });
  return [
    ...planned.map((name) => hit('model', name, placeOf('/models', { model: name }))),
    ...called
      .filter((name) => name !== '' && !planned.includes(name))
      .map((name) => hit('model', name, placeOf('/logs', { model: name }))),
    ...(cluster?.lanes ?? []).map(({ provider }) =>
      hit('provider', provider, placeOf(`/providers/${encodeURIComponent(provider)}`)),
    ),
  ];
}
