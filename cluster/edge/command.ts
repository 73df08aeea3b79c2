// `headgate edge …`: read, and done.
import path from 'node:path';
import { AGENT_NAMES, launchOf } from './agents.ts';
import { runChild } from './child.ts';
import { appKey } from './guard/local-keys.ts';
import { edgeEnrol, edgeStart, edgeStatus, edgeTrust } from './machine-commands.ts';
import { type Environment, GATE_OPTIONS, gateOf, parsed } from './options.ts';
import { edgeFolder, surroundings } from './places.ts';
import type { Gate } from './setup/gate.ts';
import { readIfThere } from './setup/plain-file.ts';
import { SETUP_NAMES } from './setup/agent-files.ts';
import { setupAgents, undoAgents } from './setup/command.ts';
import { createEdgeSetup, type EdgeSetup } from './setup/setup.ts';
import { EdgeUsageError } from './setup/usage.ts';
import { split } from './split-words.ts';

export { EdgeUsageError } from './setup/usage.ts';

export const EDGE_COMMANDS = ['edge'] as const;

export const EDGE_HELP = `  headgate edge run PROGRAM [ARGS…]             run a coding agent or any program through a gateway: claude, codex,
                   [--gate URL] [--gate-key KEY] gemini, opencode are known; sets its environment, touches no file
  headgate edge setup AGENT…                    point agents at a gateway by their own files: ${SETUP_NAMES.slice(0, 4).join(', ')},
                   [--gate URL] [--gate-key KEY] ${SETUP_NAMES.slice(4).join(', ')}; shows the change, asks, keeps a copy (--yes, --dry-run)
                   [--subscription]              the agent keeps the subscription it is signed in to (claude, codex)
  headgate edge undo AGENT… | --all             put their files back as they were (--yes, --dry-run)
  headgate edge status  [--json]                this machine at the gate, agents here, where they lead, whether a gate answers
  headgate edge enrol   [--gate URL] [--name N] makes this machine one of the gate’s, by a login in any browser or by its certificate
                   [--ca FILE] [--cert FILE --cert-key FILE]
  headgate edge start   [--gate URL] [--gate-key KEY]  the gate’s place on this machine: listens on loopback, hands on to the gate
                   [--port N] [--ca FILE]       over TLS as this device; --cert, --cert-key: a client certificate;
                   [--fallback URL]             a gate on this machine, for when the centre cannot be reached;
                   [--proxy] [--proxy-port N]   also a proxy that opens connections to hosts the gate’s policy names
  headgate edge trust                           fetches the authority whose certificates such connections show
  headgate sidecar [--config FILE] -- PROGRAM…  run a gateway of one worker beside a program, on loopback, for as long
                   [--port N]                    as the program runs; its SDKs are pointed at it
`;

/** @returns the exit code: the program's, where one is run. */
export async function runEdgeCommand(
  args: readonly string[],
  env: Environment,
  version: string,
): Promise<number> {
  const [, verb, ...words] = args;
  switch (verb) {
    case 'run':
      return edgeRun(words, env);
    case 'setup':
      return edgeSetup(words, env);
    case 'undo':
      return edgeUndo(words, env);
    case 'status':
      return edgeStatus(words, env);
    case 'start':
      return edgeStart(words, env, version);
    case 'enrol':
    case 'enroll':
      return edgeEnrol(words, env);
    case 'trust':
      return edgeTrust(words, env);
    default:
      throw new EdgeUsageError('`edge` takes run, setup, undo, status, enrol, start or trust');
  }
}

const CHANGE_OPTIONS = { yes: { type: 'boolean', short: 'y' }, 'dry-run': { type: 'boolean' } } as const;

async function edgeRun(words: readonly string[], env: Environment): Promise<number> {
  const [own, [program, ...args]] = split(words, ['--gate', '--gate-key']);
  const { values } = parsed({ args: own, options: GATE_OPTIONS });
  if (program === undefined)
    throw new EdgeUsageError(`a program is needed: ${AGENT_NAMES.join(', ')}, or any other`);
  const name = path.basename(program).replace(/\.(?:exe|cmd|js)$/, '');
  const gate = forApp(gateOf(values, env), name, env);
  const launch = launchOf(name, gate);
  const inherited = Object.fromEntries(Object.entries(env).filter(([key]) => !launch.without.includes(key)));
  return runChild(program, [...launch.args, ...args], { ...inherited, ...launch.env }).ended;
}

function edgeSetup(words: readonly string[], env: Environment): Promise<number> {
  const options = { ...GATE_OPTIONS, ...CHANGE_OPTIONS, subscription: { type: 'boolean' } } as const;
  const { values, positionals } = parsed({ args: [...words], options, allowPositionals: true });
  if (positionals.length === 0)
    throw new EdgeUsageError(`\`edge setup\` needs an agent: ${SETUP_NAMES.join(', ')}`);
  const gate = gateOf(values, env);
  const command = { agents: positionals, yes: values.yes === true, dryRun: values['dry-run'] === true };
  return setupAgents(
    command,
    setupOf(env),
    (agent) => forApp(gate, agent, env),
    values.subscription === true,
  );
}

function edgeUndo(words: readonly string[], env: Environment): Promise<number> {
  const options = { ...CHANGE_OPTIONS, all: { type: 'boolean' } } as const;
  const { values, positionals } = parsed({ args: [...words], options, allowPositionals: true });
  const agents = values.all === true ? SETUP_NAMES : positionals;
  if (agents.length === 0)
    throw new EdgeUsageError(`\`edge undo\` needs an agent, or --all: ${SETUP_NAMES.join(', ')}`);
  return undoAgents({ agents, yes: values.yes === true, dryRun: values['dry-run'] === true }, setupOf(env));
}

function setupOf(env: Environment): EdgeSetup {
  return createEdgeSetup(surroundings(env), edgeFolder(env), Date.now);
}

/** At the edge of this machine each app has a key of its own, by which the edge knows it. */
function forApp(gate: Gate, app: string, env: Environment): Gate {
  const localKey = readIfThere(path.join(edgeFolder(env), 'local-key'))?.trim();
  const known = AGENT_NAMES.includes(app) || SETUP_NAMES.includes(app);
  return known && localKey !== undefined && gate.key === localKey
    ? { ...gate, key: appKey(localKey, app) }
    : gate;
}
