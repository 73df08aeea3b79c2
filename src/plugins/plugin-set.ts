// The plugins of the configuration of the moment. One that did not change goes on as it is; a new one begins before the old one,
// which calls may still have, ends.
import type { PluginConfig } from '../contracts/plugin-config.ts';
import type { PluginView } from '../contracts/plugin-port.ts';
import { type HostDeps, PluginHost } from './host.ts';

export class PluginSet {
  readonly #deps: (config: PluginConfig) => HostDeps;
  #hosts = new Map<string, PluginHost>();

  constructor(deps: (config: PluginConfig) => HostDeps) {
    this.#deps = deps;
  }

  /** @returns those of the configuration, in its order. */
  configure(plugins: readonly PluginConfig[]): readonly PluginHost[] {
    const before = this.#hosts;
    this.#hosts = new Map();
    for (const config of plugins) {
      const print = JSON.stringify(config);
      const known = before.get(print);
      // One that was switched off is given another chance.
      const host =
        known === undefined || known.state === 'off' ? new PluginHost(config, this.#deps(config)) : known;
      if (host === known) before.delete(print);
      this.#hosts.set(print, host);
    }
    for (const host of before.values()) host.retire();
    return [...this.#hosts.values()];
  }

  views(): PluginView[] {
    return [...this.#hosts.values()].map((host) => host.view());
  }

  close(): void {
    for (const host of this.#hosts.values()) host.retire();
    this.#hosts.clear();
  }
}
