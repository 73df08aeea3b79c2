// `headgate edge status`: who this machine is at the gate, which agents are here, where they lead, and whether there is a gate at the other end.
import type { EdgeOrders } from '../../src/contracts/edge.ts';
import { onPath } from './find/on-path.ts';
import { plainCall, type TlsMeans } from './centre/plain-call.ts';
import { knownAgent, SETUP_NAMES, type Surroundings } from './setup/agent-files.ts';
import type { EdgeSetup, SetupState } from './setup/setup.ts';

export interface AgentStatus {
  readonly agent: string;
  /** Path of its program; null = it is not on PATH. */
  readonly program: string | null;
  readonly setup: SetupState;
}

export interface MachineStatus {
  readonly name: string;
  readonly gate: string;
  /** Null: none were ever heard, or the gate refused. */
  readonly orders: EdgeOrders | null;
  /** The gate answered just now. */
  readonly fresh: boolean;
  /** What it said instead of orders; null = nothing. */
  readonly refusal: string | null;
  /** Of the log that the centre does not have yet. */
  readonly waitingBytes: number;
}

export interface EdgeStatus {
  /** Null: it is not enrolled. */
  readonly machine: MachineStatus | null;
  readonly agents: readonly AgentStatus[];
  readonly gates: ReadonlyMap<string, string>;
}

export function agentStatuses(setup: EdgeSetup, { env }: Surroundings): AgentStatus[] {
  return SETUP_NAMES.map((agent) => ({
    agent,
    program: onPath(knownAgent(agent)!.program, env['PATH'] ?? ''),
    setup: setup.state(agent),
  }));
}

export function statusText({ machine, agents, gates }: EdgeStatus): string {
  const lines = agents.map(({ agent, program, setup }) => {
    const found = program === null ? 'not found' : 'installed';
    return `  ${agent.padEnd(10)}${found.padEnd(12)}${said(setup)}`;
  });
  const reached = [...gates].map(([gate, state]) => `  ${gate}  ${state}`);
  return [
    'machine',
    ...(machine === null ? ['  not enrolled (headgate edge enrol)'] : machineLines(machine)),
    'agents',
    ...lines,
    ...(reached.length > 0 ? ['gates', ...reached] : []),
    '',
  ].join('\n');
}

function machineLines({ name, gate, orders, fresh, refusal, waitingBytes }: MachineStatus): string[] {
  const state =
    refusal ??
    (orders === null
      ? 'the gate has said nothing yet'
      : `${orders.device.state}${orders.decision === 'block' ? ', calls are refused' : ''}`);
  const of = (type: 'app' | 'server', words: string): string[] => {
    const denied = (orders?.verdicts ?? []).filter((one) => one.type === type && one.decision === 'block');
    return denied.length === 0
      ? []
      : [`  not to be used: ${words} ${denied.map(({ target }) => target).join(', ')}`];
  };
  return [
    `  ${name} at ${gate}: ${state}${fresh ? '' : ' (as it was heard last)'}`,
    ...of('app', 'apps'),
    ...of('server', 'MCP servers'),
    ...(waitingBytes === 0 ? [] : [`  ${waitingBytes} bytes of log wait for the gate`]),
  ];
}

function said(setup: SetupState): string {
  switch (setup.kind) {
    case 'none':
      return 'not set up';
    case 'set':
      return `→ ${setup.gate}${setup.subscription ? ' with its own subscription' : ''}`;
    case 'changed':
      return `was set up for ${setup.gate}; changed since: ${setup.files.join(', ')}`;
  }
}

const REACH_MS = 3_000;

/** Whether a gate answers. Never rejects. */
export async function reach(gate: string, tls: TlsMeans = {}): Promise<string> {
  try {
    const { status } = await plainCall(`${gate}/livez`, { timeoutMs: REACH_MS, tls });
    return status === 200 ? 'answers' : `answers ${status}`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return `not reached${code}`;
  }
}
