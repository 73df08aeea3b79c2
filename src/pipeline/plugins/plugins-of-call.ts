// The plugins that look at one call, in the order of the configuration, and what they left for one another.
import type { Call } from '../../contracts/call.ts';
import type { CallInfo, OwnAnswer, PluginHook } from '../../contracts/plugin.ts';
import type { CreateDeltaQueue } from '../../contracts/delta-filter.ts';
import type { CallPlugins, PluginLeg } from '../../contracts/plugin-port.ts';
import type { PluginHost } from '../../plugins/host.ts';
import { infoOf } from './call-info.ts';

/** Shows plugins what a target is about to be sent. Rejects with GatewayError. */
export type LookUpstream = (
  plugins: PluginsOfCall,
  hosts: readonly PluginHost[],
  leg: PluginLeg,
) => Promise<void>;

export class PluginsOfCall implements CallPlugins {
  readonly call: Call;
  readonly hosts: readonly PluginHost[];
  readonly metadata: Record<string, string> = {};
  /** Of all its requests. */
  ownHeaders: Record<string, string> = {};
  upstreamHeaders: Readonly<Record<string, string>> | null = null;
  readonly upstream: CallPlugins['upstream'];
  deltas: CreateDeltaQueue | null = null;
  /** Plugins hear that an answer which broke off says nothing more, before they hear the next one; null = none broke off. */
  broken: Promise<void> | null = null;
  /** Given where a target would be asked: who may not ask hears no answer either. */
  answer: OwnAnswer | null = null;

  constructor(call: Call, hosts: readonly PluginHost[], lookUpstream: LookUpstream) {
    this.call = call;
    this.hosts = hosts;
    const look = this.with('onUpstream');
    this.upstream = look.length === 0 ? null : (leg) => lookUpstream(this, look, leg);
    for (const host of hosts) host.hold();
  }

  with(hook: PluginHook): readonly PluginHost[] {
    return this.hosts.filter((host) => host.has(hook));
  }

  info(): CallInfo {
    return infoOf(this.call, this.metadata);
  }

  addHeaders(headers: Record<string, string> | undefined): void {
    if (headers === undefined) return;
    this.ownHeaders = { ...this.ownHeaders, ...headers };
    this.upstreamHeaders = this.ownHeaders;
  }

  release(): void {
    for (const host of this.hosts) host.release();
  }
}

/** Of a call; null = none looks at it. */
export function pluginsOf(call: Call): PluginsOfCall | null {
  // Nobody else leaves any (on-request.ts).
  return call.plugins as PluginsOfCall | null;
}
