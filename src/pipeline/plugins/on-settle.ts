// Plugins hear of every call that they saw, when it is over: what became of it, and that it failed where it did.
import type { Call } from '../../contracts/call.ts';
import type { SettleEvent } from '../../contracts/plugin.ts';
import type { CallObserver } from '../../contracts/ports.ts';
import { type PluginsOfCall, pluginsOf } from './plugins-of-call.ts';

const NANO = 1e9;

export const pluginsHear: CallObserver = {
  settled(call) {
    const plugins = pluginsOf(call);
    if (plugins === null) return;
    const { error } = call;
    if (error !== null)
      for (const host of plugins.with('onError'))
        host.tell('onError', () => ({
          call: plugins.info(),
          code: error.code,
          status: call.status,
          message: error.publicMessage,
        }));
    for (const host of plugins.with('onSettle')) host.tell('onSettle', () => settled(plugins, call));
    plugins.release();
  },
};

function settled(plugins: PluginsOfCall, call: Call): SettleEvent {
  const { usage, costNano, error } = call;
  return {
    call: plugins.info(),
    status: call.status,
    error: error?.code ?? '',
    provider: call.provider,
    model: call.upstreamModel,
    usage:
      usage === null
        ? null
        : {
            input: usage.input ?? 0,
            output: usage.output ?? 0,
            cacheRead: usage.cacheRead ?? 0,
            cacheWrite: (usage.cacheWriteShort ?? 0) + (usage.cacheWriteLong ?? 0),
            reasoning: usage.reasoning ?? 0,
          },
    costUsd: costNano === null ? null : costNano / NANO,
    durationMs: call.settledAt - call.startedAt,
    stop: call.stop ?? '',
  };
}
