// The command line of the bench.
import { parseArgs } from 'node:util';

export interface BenchArguments {
  /** Names of scenarios; empty for all. */
  scenarios: readonly string[];
  /** Names of peers beside Headgate; null for all that are found. */
  versus: readonly string[] | null;
  rounds: number;
  seconds: number;
  quick: boolean;
  gatewayCores: readonly number[];
  loadCores: readonly number[];
  /** Folder of the results; null for one named after the time. */
  out: string | null;
  list: boolean;
  help: boolean;
}

export const HELP = `npm run bench -- [scenarios] [options]
  npm run bench                                  all scenarios, Headgate beside every peer that is found
  npm run bench -- overhead throughput --vs nginx,portkey
  npm run bench -- --list                        scenarios with their methods, peers with their versions
options
  --vs NAMES          peers to compare with, comma-separated; "none" for Headgate alone
  --rounds N          alternating rounds, the median counts (3)
  --seconds N         measured seconds of one load run (4)
  --quick             one short round, to see that everything works; no number of it counts
  --gateway-cores N,… cores of what is measured (0)
  --load-cores N,…    cores of generator and mock (the others, three at most)
  --out FOLDER        where results go (bench/results/<time>)
`;

const DEFAULT_ROUNDS = 3;
const DEFAULT_SECONDS = 4;
const MOST_LOAD_CORES = 3;

/** @throws with words for the user when an option is unknown or has no such value. */
export function readArguments(args: readonly string[], cores: number): BenchArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      vs: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'gateway-cores': { type: 'string' },
      'load-cores': { type: 'string' },
      out: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { quick } = values;
  const gatewayCores = coreList('--gateway-cores', values['gateway-cores'], cores) ?? [0];
  const rest = Array.from({ length: cores }, (_, core) => core).filter(
    (core) => !gatewayCores.includes(core),
  );
  return {
    scenarios: positionals,
    versus: values.vs === undefined ? null : names(values.vs),
    rounds: positive('--rounds', values.rounds, quick ? 1 : DEFAULT_ROUNDS),
    seconds: positive('--seconds', values.seconds, quick ? 1 : DEFAULT_SECONDS),
    quick,
    gatewayCores,
    loadCores: coreList('--load-cores', values['load-cores'], cores) ?? rest.slice(0, MOST_LOAD_CORES),
    out: values.out ?? null,
    list: values.list,
    help: values.help,
  };
}

function names(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'none');
}

function positive(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`${option} wants a whole number from 1, not ${text}`);
  return number;
}

function coreList(option: string, text: string | undefined, cores: number): number[] | null {
  if (text === undefined) return null;
  const list = text.split(',').map(Number);
  if (list.some((core) => !Number.isInteger(core) || core < 0 || core >= cores)) {
    throw new Error(`${option} wants cores from 0 to ${cores - 1}, not ${text}`);
  }
  return list;
}

/** Picks by name, in the order of the registry. @throws naming what there is, when a name is unknown. */
export function chosen<T extends { readonly name: string }>(
  kind: string,
  all: readonly T[],
  wanted: readonly string[],
): readonly T[] {
  for (const name of wanted) {
    if (!all.some((one) => one.name === name)) {
      throw new Error(`no ${kind} ${name}; there are ${all.map((one) => one.name).join(', ')}`);
    }
  }
  return all.filter(({ name }) => wanted.includes(name));
}
