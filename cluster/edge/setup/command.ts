// `headgate edge setup AGENT…`, `edge undo AGENT…`: shown, asked, done.
import { createInterface } from 'node:readline/promises';
import { SETUP_NAMES } from './agent-files.ts';
import type { Gate } from './gate.ts';
import type { EdgeSetup, Work } from './setup.ts';
import { SetupError } from './setup.ts';
import { EdgeUsageError } from './usage.ts';

export interface SetupCommand {
  readonly agents: readonly string[];
  readonly yes: boolean;
  readonly dryRun: boolean;
}

type Do = (agent: string) => Work;

export function setupAgents(
  command: SetupCommand,
  setup: EdgeSetup,
  gateFor: (agent: string) => Gate,
  subscription: boolean,
): Promise<number> {
  return each(command, (agent) => setup.setup(agent, { gate: gateFor(agent), subscription }));
}

export function undoAgents(command: SetupCommand, setup: EdgeSetup): Promise<number> {
  return each(command, (agent) => setup.undo(agent));
}

/** @returns 1 when an agent was left as it is for a reason; the others are done all the same. */
async function each({ agents, yes, dryRun }: SetupCommand, work: Do): Promise<number> {
  for (const agent of agents)
    if (!SETUP_NAMES.includes(agent))
      throw new EdgeUsageError(`${agent} is not known; there are ${SETUP_NAMES.join(', ')}`);
  let code = 0;
  for (const agent of agents) {
    try {
      const { diff, carryOut } = work(agent);
      if (diff === '') {
        if (!dryRun) carryOut();
        process.stdout.write(`${agent}: nothing to change\n`);
        continue;
      }
      process.stdout.write(`${agent}:\n${diff}\n`);
      if (dryRun) continue;
      if (!yes && !(await agreed(agent))) {
        process.stdout.write(`${agent}: left as it is\n`);
        code = 1;
        continue;
      }
      carryOut();
      process.stdout.write(`${agent}: done\n`);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      process.stderr.write(`headgate: ${error.message}\n`);
      code = 1;
    }
  }
  return code;
}

/** Without a terminal nobody can be asked: --yes says it. */
async function agreed(agent: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    process.stderr.write('headgate: nobody is here to be asked; say --yes\n');
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`change the files of ${agent}? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}
