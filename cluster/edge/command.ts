// `headgate edge run` and `headgate sidecar`: read, and done.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { AGENT_NAMES, type Gate, launchOf } from './agents.ts';
import { runChild } from './child.ts';
import { runSidecar } from './sidecar.ts';

export const EDGE_COMMANDS = ['edge', 'sidecar'] as const;

export const EDGE_HELP = `  headgate edge run PROGRAM [ARGS…]             run a coding agent or any program through a gateway: claude, codex,
                   [--gate URL] [--gate-key KEY] gemini, opencode are known; sets its environment, touches no file
  headgate sidecar [--config FILE] -- PROGRAM…  run a gateway of one worker beside a program, on loopback, for as long
                   [--port N]                    as the program runs; its SDKs are pointed at it
`;

/** The command line was wrong. */
export class EdgeUsageError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the exit code: the program's. */
export async function runEdgeCommand(args: readonly string[], env: Environment): Promise<number> {
  const [command, ...rest] = args;
  if (command === 'sidecar') return sidecar(rest, env);
  const [verb, ...words] = rest;
  if (verb !== 'run') throw new EdgeUsageError('`edge` takes `run PROGRAM`');
  return edgeRun(words, env);
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

async function edgeRun(words: readonly string[], env: Environment): Promise<number> {
  const [own, [program, ...args]] = split(words, ['--gate', '--gate-key']);
  const { values } = parsed(own, { gate: { type: 'string' }, 'gate-key': { type: 'string' } });
  if (program === undefined)
    throw new EdgeUsageError(`a program is needed: ${AGENT_NAMES.join(', ')}, or any other`);
  const gate = gateOf(
    values['gate'] ?? env['HEADGATE_EDGE_URL'],
    values['gate-key'] ?? env['HEADGATE_EDGE_KEY'],
  );
  const name = path.basename(program).replace(/\.(?:exe|cmd|js)$/, '');
  const launch = launchOf(name, gate);
  const inherited = Object.fromEntries(Object.entries(env).filter(([key]) => !launch.without.includes(key)));
  return runChild(program, [...launch.args, ...args], { ...inherited, ...launch.env }).ended;
}

function gateOf(url: string | undefined, key: string | undefined): Gate {
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
  const { values } = parsed(own, {
    config: { type: 'string', short: 'c' },
    port: { type: 'string', short: 'p' },
  });
  if (program === undefined)
    throw new EdgeUsageError('a program is needed: `headgate sidecar -- python app.py`');
  const port = values['port'] ?? '0';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new EdgeUsageError('--port needs a number from 0 to 65535');
  return runSidecar({ configFile: values['config'], port: Number(port), program, args, env });
}

function parsed(
  args: string[],
  options: Record<string, { type: 'string'; short?: string }>,
): { values: Record<string, string | undefined> } {
  try {
    const { values } = parseArgs({ args, options });
    // All of them are texts.
    return { values: values as Record<string, string | undefined> };
  } catch (error) {
    throw new EdgeUsageError(error instanceof Error ? error.message : String(error));
  }
}
