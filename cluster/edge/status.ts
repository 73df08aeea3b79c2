// `headgate edge status`: which agents are here, where they lead, and whether there is a gate at the other end.
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { plainCall } from './plain-call.ts';
import { knownAgent, SETUP_NAMES, type Surroundings } from './setup/agent-files.ts';
import type { EdgeSetup, SetupState } from './setup/setup.ts';

export interface AgentStatus {
  readonly agent: string;
  /** Path of its program; null = it is not on PATH. */
  readonly program: string | null;
  readonly setup: SetupState;
}

export function agentStatuses(setup: EdgeSetup, { env }: Surroundings): AgentStatus[] {
  return SETUP_NAMES.map((agent) => ({
    agent,
    program: onPath(knownAgent(agent)!.program, env['PATH'] ?? ''),
    setup: setup.state(agent),
  }));
}

export function statusText(rows: readonly AgentStatus[], gates: ReadonlyMap<string, string>): string {
  const lines = rows.map(({ agent, program, setup }) => {
    const found = program === null ? 'not found' : 'installed';
    return `  ${agent.padEnd(10)}${found.padEnd(12)}${said(setup)}`;
  });
  const reached = [...gates].map(([gate, state]) => `  ${gate}  ${state}`);
  return ['agents', ...lines, ...(reached.length > 0 ? ['gates', ...reached] : []), ''].join('\n');
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

function onPath(program: string, search: string): string | null {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const folder of search.split(path.delimiter).filter((one) => one !== ''))
    for (const ending of endings) {
      const file = path.join(folder, program + ending);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not in this folder.
      }
    }
  return null;
}

const REACH_MS = 3_000;

/** Whether a gate answers. Never rejects. */
export async function reach(gate: string): Promise<string> {
  try {
    const { status } = await plainCall(`${gate}/livez`, { timeoutMs: REACH_MS });
    return status === 200 ? 'answers' : `answers ${status}`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return `not reached${code}`;
  }
}
