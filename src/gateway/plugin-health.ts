// Plugins in what /health says: one that is not on makes the gateway no less healthy than its configuration wants it to be.
import type { PluginView } from '../contracts/plugin-port.ts';

export function withPlugins(
  health: Record<string, unknown>,
  plugins: readonly PluginView[],
): Record<string, unknown> {
  if (plugins.length === 0) return health;
  const states = Object.fromEntries(plugins.map(({ name, state }) => [name, state]));
  const failed = plugins.some(({ state }) => state === 'off' || state === 'resting');
  const status = failed && health['status'] === 'ok' ? 'degraded' : health['status'];
  return { ...health, status, plugins: states };
}
