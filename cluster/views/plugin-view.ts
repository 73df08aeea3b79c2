// A plugin as people look at it: what its workers say of it, put together, and what its hooks did in the window.
import type { PluginStateView } from '../../src/contracts/cluster-view.ts';
import type { PluginConfig } from '../../src/contracts/plugin-config.ts';
import type { PluginState, PluginView } from '../../src/contracts/plugin-port.ts';
import { type Activity, HOOK_BOUNDS, quantile } from './activity.ts';
import type { Life } from '../crew/life.ts';

/** The heavier of two states is told. */
const WEIGHT: Readonly<Record<PluginState, number>> = { on: 0, starting: 1, resting: 2, off: 3 };

/** @param plugins of the configuration in force. @param seen what was counted in the window. */
export function pluginViews(
  plugins: readonly Pick<PluginConfig, 'name' | 'mode'>[],
  lives: readonly Pick<Life, 'state' | 'plugins'>[],
  seen: Pick<Activity, 'plugin' | 'windowMs'>,
): PluginStateView[] {
  const serving = lives.filter(({ state }) => state === 'serving');
  return plugins.map(({ name, mode }) => {
    const told = serving.flatMap((life) => life.plugins.filter((plugin) => plugin.name === name));
    return {
      ...worst(name, mode, told),
      workers: { on: onOf(told), of: serving.length },
      ...did(name, seen),
    };
  });
}

function worst(name: string, mode: PluginView['mode'], told: readonly PluginView[]): PluginView {
  let worst: PluginView = {
    name,
    mode,
    state: told.length === 0 ? 'starting' : 'on',
    hooks: [],
    reason: '',
    fault: '',
    since: 0,
  };
  for (const view of told) if (worst.since === 0 || WEIGHT[view.state] > WEIGHT[worst.state]) worst = view;
  // One that is not there has none to tell of.
  const { hooks } = told.find((view) => view.hooks.length > 0) ?? worst;
  return { ...worst, hooks };
}

const onOf = (told: readonly PluginView[]): number => told.filter(({ state }) => state === 'on').length;

function did(name: string, seen: Pick<Activity, 'plugin' | 'windowMs'>) {
  const { outcomes, durations } = seen.plugin(name);
  const [errors, timeouts, passedBy] = ['error', 'timeout', 'passed_by'].map((one) => outcomes[one] ?? 0);
  const ms = (share: number): number | null => {
    const seconds = quantile(durations, HOOK_BOUNDS, share);
    return seconds === null ? null : seconds * 1_000;
  };
  return {
    windowMs: Math.round(seen.windowMs),
    calls: (outcomes['ok'] ?? 0) + errors! + timeouts!,
    errors: errors!,
    timeouts: timeouts!,
    passedBy: passedBy!,
    p50Ms: ms(0.5),
    p95Ms: ms(0.95),
  };
}
