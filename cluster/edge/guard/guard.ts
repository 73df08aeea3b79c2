// What the centre decided, held against one request: the device, the app that asks, and MCP servers whose tools the request offers to a model.
import type { EdgeFinding, EdgeOrders, EdgeVerdict } from '../../../src/contracts/edge.ts';
import { maskedUrl } from '../find/masked.ts';
import { offeredServers, toolNames } from './offered-tools.ts';

export interface Refusal {
  /** For the log: `device`, `app:claude`, `server:github`. */
  readonly reason: string;
  /** For the person. */
  readonly message: string;
}

/** An MCP server that is not to be used, with the names that apps on this machine know it by. */
export interface BlockedServer {
  readonly verdict: EdgeVerdict;
  readonly names: readonly string[];
}

/** Without a word of the centre nothing is refused: a machine that was never enrolled has no orders. */
export function refusalOf(orders: EdgeOrders | null, app: string): Refusal | null {
  if (orders === null) return null;
  if (orders.decision === 'block')
    return {
      reason: 'device',
      message:
        orders.device.state === 'denied'
          ? `This machine (${orders.device.name}) is denied by the gate's administrators.`
          : `This machine (${orders.device.name}) waits for an administrator of the gate to approve it.`,
    };
  const verdict = orders.verdicts.find(({ type, target }) => type === 'app' && target === app);
  // One that asks and was not found here is what the policy says of those that nobody has decided on.
  const decision = verdict?.decision ?? orders.policy.pendingApps;
  if (decision === 'allow') return null;
  return {
    reason: `app:${app}`,
    message: `${app === '' ? 'An app that is not known' : `The app ${app}`} ${why(verdict)}.`,
  };
}

/** Servers of this machine that are not to be used. */
export function blockedServers(orders: EdgeOrders | null, findings: readonly EdgeFinding[]): BlockedServer[] {
  if (orders === null) return [];
  return findings
    .filter(({ type }) => type === 'server')
    .map(({ target, names }): BlockedServer => {
      const known = orders.verdicts.find((one) => one.type === 'server' && one.target === target);
      const decision = orders.policy.pendingServers;
      // Found since the centre was told last.
      return {
        verdict: known ?? { type: 'server', target, state: 'pending', decision, note: '' },
        names,
      };
    })
    .filter(({ verdict }) => verdict.decision === 'block');
}

/** @param body of the request, parsed */
export function refusalOfBody(
  blocked: readonly BlockedServer[],
  orders: EdgeOrders | null,
  app: string,
  body: unknown,
): Refusal | null {
  const tools = toolNames(body);
  for (const { verdict, names } of blocked) {
    const name = names.find((one) => tools.some((tool) => isToolOf(tool, one, app)));
    if (name !== undefined) return serverRefusal(name, verdict);
  }
  // Such as the vendor is to call by itself, wherever they are configured.
  for (const { name, url } of offeredServers(body)) {
    const target = url === '' ? '' : maskedUrl(url);
    const verdict =
      blocked.find((one) => one.verdict.target === target || one.names.includes(name))?.verdict ??
      orders?.verdicts.find((one) => one.target === target && one.decision === 'block');
    if (verdict !== undefined) return serverRefusal(name === '' ? target : name, verdict);
  }
  return null;
}

function serverRefusal(name: string, verdict: EdgeVerdict): Refusal {
  return {
    reason: `server:${name}`,
    message: `The MCP server ${name} (${verdict.target}) ${why(verdict)}: take it out of the app's configuration.`,
  };
}

function why(verdict: EdgeVerdict | undefined): string {
  const note = verdict === undefined || verdict.note === '' ? '' : ` (“${verdict.note}”)`;
  return verdict?.state === 'denied'
    ? `is denied by the gate's administrators${note}`
    : `waits for an administrator of the gate to approve it${note}`;
}

/** As apps name tools of a server: the server's name in front, what no tool's name may hold made `_`. */
function isToolOf(tool: string, server: string, app: string): boolean {
  const plain = server.replace(/[^A-Za-z0-9_-]/g, '_');
  const heads = [`mcp__${plain}__`, `mcp_${plain}_`, `${plain}__`];
  // OpenCode has nothing but the name; of other apps that might be any tool.
  if (app === 'opencode') heads.push(`${plain}_`);
  return heads.some((head) => tool.startsWith(head));
}
