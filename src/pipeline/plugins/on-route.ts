// Plugins on where a call goes, behind what its caller may use: they may leave targets out and order them. Here too is an answer
// given that a plugin made itself: nobody is asked then.
import type { Call, Stage, StageResult } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { routeDecision } from '../../plugins/decision.ts';
import type { PluginHost } from '../../plugins/host.ts';
import { planOf, tiersInOrder, wordsOf } from '../../routing/plan-tiers.ts';
import type { GiveOwn } from './give-own.ts';
import { type PluginsOfCall, pluginsOf } from './plugins-of-call.ts';
import { read, refusalOf } from './read-decision.ts';

/** @param give an answer of a plugin's own. */
export function createOnRoute(give: GiveOwn): Stage {
  return (call) => {
    const plugins = pluginsOf(call);
    if (plugins === null) return 'continue';
    if (plugins.answer !== null) return give(call, plugins.answer);
    const hosts = call.plan === null ? [] : plugins.with('onRoute');
    return hosts.length === 0 ? 'continue' : route(call, plugins, hosts);
  };
}

async function route(call: Call, plugins: PluginsOfCall, hosts: readonly PluginHost[]): Promise<StageResult> {
  for (const host of hosts) {
    const given = await host.ask('onRoute', () => ({
      call: plugins.info(),
      targets: call.plan!.targets.map(({ provider, model }) => ({ provider: provider.name, model })),
    }));
    if (call.settled) return 'continue';
    const decision = read(host, 'onRoute', given, routeDecision);
    if (decision?.refuse !== undefined) return refusalOf(decision.refuse);
    if (decision?.targets === undefined) continue;
    const { targets, name } = call.plan!;
    const chosen = decision.targets.flatMap((wanted) => targets.filter(({ label }) => label === wanted));
    if (chosen.length === 0)
      return new GatewayError('GW_PLUGIN_REFUSED', {
        message: `The plugin \`${host.config.name}\` leaves no target for the model.`,
      });
    const plan = planOf(name, tiersInOrder([...new Set(chosen)]), wordsOf(call.plan!));
    call.plan = { ...plan, chosen: true };
  }
  return 'continue';
}
