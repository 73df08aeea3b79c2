// Plugins put together: those of each configuration, the stages that ask them, and what is said of them.
import { inspectBody } from '../body/inspect.ts';
import type { Config } from '../contracts/config.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';
import type { CreateRunner, PluginView } from '../contracts/plugin-port.ts';
import type { CallObserver } from '../contracts/ports.ts';
import type { StageEntries } from '../pipeline/flows.ts';
import type { Recorder } from '../observability/recorder.ts';
import { createGiveOwn } from '../pipeline/plugins/give-own.ts';
import { createOnRequest } from '../pipeline/plugins/on-request.ts';
import { createOnRoute } from '../pipeline/plugins/on-route.ts';
import { pluginsHear } from '../pipeline/plugins/on-settle.ts';
import { PluginSink } from '../pipeline/plugins/plugin-sink.ts';
import type { Settle } from '../pipeline/settle.ts';
import type { HostDeps, PluginHost } from '../plugins/host.ts';
import { createInProcess } from '../plugins/in-process.ts';
import { createOverHttp } from '../plugins/over-http.ts';
import { PluginSet } from '../plugins/plugin-set.ts';
import { dialectByName } from '../registry/dialects.ts';

export interface Plugins {
  /** Begins those that are new. */
  configure(config: Config): void;
  readonly stages: Pick<StageEntries, 'plugins' | 'plugin-route'>;
  readonly observer: CallObserver;
  views(): PluginView[];
  /** Gauges of the moment. */
  measure(): void;
  close(): void;
}

const NONE: readonly PluginHost[] = [];

export function createPlugins(
  { clock, log, names, pluginThread, pluginsAre }: GatewayPorts,
  recorder: Recorder,
  settle: Settle,
): Plugins {
  const runners: Record<'process' | 'thread' | 'http' | 'grpc', CreateRunner> = {
    process: createInProcess,
    thread: pluginThread ?? createInProcess,
    http: createOverHttp(() => clock.wall()),
    grpc: async (config, say) =>
      (await import('./grpc-plugin.ts')).createGrpcPlugin({ names, clock })(config, say),
  };
  const deps: Omit<HostDeps, 'create'> = {
    clock,
    log: (level, plugin, message, fault) =>
      log[level](fault === '' ? { plugin } : { plugin, fault }, message),
    ran(plugin, hook, outcome, ms) {
      recorder.counter('headgate_plugin_hooks_total', [plugin, hook, outcome]).add(1);
      if (outcome !== 'passed_by')
        recorder.histogram('headgate_plugin_hook_duration_seconds', [plugin, hook]).observe(ms / 1000);
    },
  };
  const set = new PluginSet(({ mode }) => ({ ...deps, create: runners[mode] }));
  /** Of what was said of them last: without plugins nothing is said. */
  let told = '[]';
  // As long as somebody holds a configuration.
  const compiled = new WeakMap<Config, readonly PluginHost[]>();
  const needed = ({ config }: { config: Config }): boolean => (config.plugins?.length ?? 0) > 0;
  const give = createGiveOwn({
    dialect: dialectByName,
    settle,
    now: () => clock.now(),
    wall: () => clock.wall(),
  });
  return {
    configure(config) {
      compiled.set(config, set.configure(config.plugins ?? []));
    },
    stages: {
      plugins: {
        stage: createOnRequest({
          hosts: (call) => compiled.get(call.snapshot.config) ?? NONE,
          inspect: inspectBody,
          now: () => clock.now(),
          around: (sink, call) => new PluginSink(sink, call),
        }),
        needed,
        inner: false,
      },
      'plugin-route': { stage: createOnRoute(give), needed, inner: false },
    },
    observer: pluginsHear,
    views: () => set.views(),
    measure() {
      const views = set.views();
      for (const { name, state } of views)
        recorder.gauge('headgate_plugin_up', [name]).set(state === 'on' ? 1 : 0);
      const print = JSON.stringify(views);
      if (print === told) return;
      told = print;
      pluginsAre?.(views);
    },
    close: () => set.close(),
  };
}
