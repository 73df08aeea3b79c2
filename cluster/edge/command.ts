// `headgate edge …` and `headgate sidecar`: read, and done.
import path from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { AGENT_NAMES, launchOf } from './agents.ts';
import { runChild } from './child.ts';
import { edgeFolder, surroundings } from './places.ts';
import { SETUP_NAMES } from './setup/agent-files.ts';
import { setupAgents, undoAgents } from './setup/command.ts';
import type { Gate } from './setup/gate.ts';
import { createEdgeSetup, type EdgeSetup } from './setup/setup.ts';
import { runSidecar } from './sidecar.ts';
import { EDGE_PORT, startEdge } from './start.ts';
import { agentStatuses, reach, statusText } from './status.ts';
import { EdgeUsageError } from './setup/usage.ts';

export { EdgeUsageError } from './setup/usage.ts';

export const EDGE_COMMANDS = ['edge', 'sidecar'] as const;

export const EDGE_HELP = `  headgate edge run PROGRAM [ARGS…]             run a coding agent or any program through a gateway: claude, codex,
                   [--gate URL] [--gate-key KEY] gemini, opencode are known; sets its environment, touches no file
  headgate edge setup AGENT…                    point agents at a gateway by their own files: ${SETUP_NAMES.slice(0, 4).join(', ')},
                   [--gate URL] [--gate-key KEY] ${SETUP_NAMES.slice(4).join(', ')}; shows the change, asks, keeps a copy (--yes, --dry-run)
                   [--subscription]              the agent keeps the subscription it is signed in to (claude, codex)
  headgate edge undo AGENT… | --all             put their files back as they were (--yes, --dry-run)
  headgate edge status  [--json]                which agents are here, where they lead, whether a gate answers there
  headgate edge start   [--gate URL] [--gate-key KEY]  the gate’s place on this machine: listens on loopback, hands on to the gate
                   [--port N] [--ca FILE]       over TLS as this device; --cert, --cert-key: a client certificate;
                   [--fallback URL]             a gate on this machine, for when the centre cannot be reached
  headgate sidecar [--config FILE] -- PROGRAM…  run a gateway of one worker beside a program, on loopback, for as long
                   [--port N]                    as the program runs; its SDKs are pointed at it
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the exit code: the program's, where one is run. */
export async function runEdgeCommand(args: readonly string[], env: Environment): Promise<number> {
  const [command, ...rest] = args;
  if (command === 'sidecar') return sidecar(rest, env);
  const [verb, ...words] = rest;
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
      return edgeStart(words, env);
    default:
      throw new EdgeUsageError('`edge` takes run, setup, undo, status or start');
  }
}

/** Options of ours come before the program: what is behind it is its own. */
function split(words: readonly string[], withValue: readonly string[]): [own: string[], program: string[]] {
  const own: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (word === '--') return [own, words.slice(at + 1)];
    if (!word.startsWith('-')) return [own, words.slice(at)];
    own.push(word);
    if (withValue.includes(word)) own.push(words[++at] ?? '');
  }
  return [own, []];
}

const GATE_OPTIONS = { gate: { type: 'string' }, 'gate-key': { type: 'string' } } as const;
const CHANGE_OPTIONS = { yes: { type: 'boolean', short: 'y' }, 'dry-run': { type: 'boolean' } } as const;

async function edgeRun(words: readonly string[], env: Environment): Promise<number> {
  const [own, [program, ...args]] = split(words, ['--gate', '--gate-key']);
  const { values } = parsed({ args: own, options: GATE_OPTIONS });
  if (program === undefined)
    throw new EdgeUsageError(`a program is needed: ${AGENT_NAMES.join(', ')}, or any other`);
  const gate = gateOf(values, env);
  const name = path.basename(program).replace(/\.(?:exe|cmd|js)$/, '');
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
  return setupAgents(command, setupOf(env), gate, values.subscription === true);
}

function edgeUndo(words: readonly string[], env: Environment): Promise<number> {
  const options = { ...CHANGE_OPTIONS, all: { type: 'boolean' } } as const;
  const { values, positionals } = parsed({ args: [...words], options, allowPositionals: true });
  const agents = values.all === true ? SETUP_NAMES : positionals;
  if (agents.length === 0)
    throw new EdgeUsageError(`\`edge undo\` needs an agent, or --all: ${SETUP_NAMES.join(', ')}`);
  return undoAgents({ agents, yes: values.yes === true, dryRun: values['dry-run'] === true }, setupOf(env));
}

async function edgeStatus(words: readonly string[], env: Environment): Promise<number> {
  const { values } = parsed({ args: [...words], options: { json: { type: 'boolean' } } });
  const rows = agentStatuses(setupOf(env), surroundings(env));
  const gates = new Set(rows.flatMap(({ setup }) => (setup.kind === 'none' ? [] : [setup.gate])));
  const states = new Map(
    await Promise.all([...gates].map(async (gate) => [gate, await reach(gate)] as const)),
  );
  const text = values.json
    ? `${JSON.stringify({ agents: rows, gates: Object.fromEntries(states) }, null, 2)}\n`
    : statusText(rows, states);
  process.stdout.write(text);
  return 0;
}

function edgeStart(words: readonly string[], env: Environment): Promise<number> {
  const options = {
    ...GATE_OPTIONS,
    port: { type: 'string', short: 'p' },
    fallback: { type: 'string' },
    ca: { type: 'string' },
    cert: { type: 'string' },
    'cert-key': { type: 'string' },
  } as const;
  const { values } = parsed({ args: [...words], options });
  const { url, key } = gateOf(values, env);
  const fallback =
    values.fallback === undefined ? null : gateOf({ gate: values.fallback, 'gate-key': key }, {}).url;
  const { ca, cert, 'cert-key': certKey } = values;
  if ((cert === undefined) !== (certKey === undefined))
    throw new EdgeUsageError('--cert and --cert-key go together');
  return startEdge({
    gate: url,
    key,
    fallback,
    port: portOf(values.port ?? String(EDGE_PORT)),
    files: { ca, cert, key: certKey },
    folder: edgeFolder(env),
  });
}

function portOf(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new EdgeUsageError('--port needs a number from 0 to 65535');
  return Number(text);
}

function setupOf(env: Environment): EdgeSetup {
  return createEdgeSetup(surroundings(env), edgeFolder(env), Date.now);
}

function gateOf(values: { gate?: string; 'gate-key'?: string }, env: Environment): Gate {
  const url = values.gate ?? env['HEADGATE_EDGE_URL'];
  const key = values['gate-key'] ?? env['HEADGATE_EDGE_KEY'];
  if (url === undefined || !/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new EdgeUsageError(
      'the gateway’s address is needed: --gate http://host:port, or HEADGATE_EDGE_URL',
    );
  if (key === undefined || key === '')
    throw new EdgeUsageError('a key of the gateway is needed: --gate-key, or HEADGATE_EDGE_KEY');
  return { url: url.replace(/\/+$/, '').replace(/\/v1$/, ''), key };
}

async function sidecar(words: readonly string[], env: Environment): Promise<number> {
  const [own, [program, ...args]] = split(words, ['--config', '-c', '--port', '-p']);
  const options = {
    config: { type: 'string', short: 'c' },
    port: { type: 'string', short: 'p' },
  } as const;
  const { values } = parsed({ args: own, options });
  if (program === undefined)
    throw new EdgeUsageError('a program is needed: `headgate sidecar -- python app.py`');
  const port = portOf(values.port ?? '0');
  return runSidecar({ configFile: values.config, port, program, args, env });
}

function parsed<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new EdgeUsageError(error instanceof Error ? error.message : String(error));
  }
}
