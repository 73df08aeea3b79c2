// Plugins before a target is asked: they see what is about to be sent, in the provider's dialect, and may change it.
import type { BodyFacts } from '../../contracts/body.ts';
import { isSource } from '../../contracts/body-source.ts';
import type { PluginLeg } from '../../contracts/plugin-port.ts';
import { inspectBody } from '../../body/inspect.ts';
import { parseObject } from '../../dialects/lenient.ts';
import { upstreamDecision } from '../../plugins/decision.ts';
import type { PluginHost } from '../../plugins/host.ts';
import { changedBody } from './changed-body.ts';
import type { PluginsOfCall } from './plugins-of-call.ts';
import { read, refusalOf } from './read-decision.ts';

/** @throws GatewayError by the promise. */
export async function lookUpstream(
  plugins: PluginsOfCall,
  hosts: readonly PluginHost[],
  leg: PluginLeg,
): Promise<void> {
  const { provider, model } = leg.target;
  let headers = plugins.ownHeaders;
  for (const host of hosts) {
    const bytes = bytesOf(leg.body);
    const given = await host.ask('onUpstream', () => ({
      call: plugins.info(),
      provider: provider.name,
      model,
      attempt: plugins.call.attempts.length + 1,
      body: bytes === null ? null : parseObject(bytes.toString()),
    }));
    const decision = read(host, 'onUpstream', given, upstreamDecision);
    if (decision === undefined) continue;
    if (decision.refuse !== undefined) throw refusalOf(decision.refuse);
    if (decision.headers !== undefined) headers = { ...headers, ...decision.headers };
    if (decision.body !== undefined && bytes !== null)
      leg.body = changedBody(bytes, membersOf(bytes), decision.body);
  }
  plugins.upstreamHeaders = headers;
}

function bytesOf(body: PluginLeg['body']): Buffer | null {
  if (body === null || isSource(body)) return null;
  return Buffer.isBuffer(body) ? body : Buffer.concat(body.pieces());
}

/** What was made for a target may be no JSON, or have no member that is ours to read. */
function membersOf(bytes: Buffer): Pick<BodyFacts, 'members'> {
  try {
    return inspectBody(bytes);
  } catch {
    return { members: [] };
  }
}
