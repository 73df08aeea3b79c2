// `headgate logs`, `headgate ledger …`, `headgate top`: what the gatehouse knows of calls, on a terminal.
import { parseArgs } from 'node:util';
import type { ClusterView } from '../../src/contracts/cluster-view.ts';
import { LOG_FACETS, LOG_IDS, type LoggedRow } from '../../src/contracts/log-store.ts';
import { nearest } from '../../src/names/nearest.ts';
import { callAdmin } from './admin-client.ts';
import { targetOf } from './admin-command.ts';
import { type FollowDeps, followRows, followStream } from './log-follow.ts';
import { logLine } from './log-line.ts';
import { runLedger } from './ledger-command.ts';
import { recalculateBody, runRecalculate } from './recalculate-command.ts';
import { topScreen } from './top-screen.ts';
import { UsageError } from './usage.ts';

export const LOG_COMMANDS = ['logs', 'ledger', 'top'] as const;

export const LOG_HELP = `  headgate logs [-f] [--FILTER VALUE ...]       calls, newest last; -f goes on with those that come, over restarts
                   filters: --model --provider --key --team --user --customer --tag --status --outcome --owner
                   --errorType --session --guardrail pii:request:mask --since 1h --minMs 1000 --minCostUsd 0.1 … as in docs/api-logs.md;
                   --attempts for each attempt by itself, --limit 50 (10 with -f), --json for one object a line
  headgate ledger reconcile [--since 24h]       prove that ledger, sums and log agree (exit code 1 when they do not)
  headgate ledger list [--FILTER VALUE ...]     charges, newest last, with what they were corrected to; filters as of logs: --key --team
                   --customer --provider --model --since …, --limit 50, --json
  headgate ledger recalculate --since 7d        price charges anew after a price was mended: --until --model --provider
                   --key --team (commas between, \`*\` at the end), --dry-run to see the difference and change nothing,
                   --detach not to wait for it
  headgate ledger recalculations [ID]           those there were, and how far one is; \`ledger cancel ID\` ends it
  headgate top                                  lanes, rates, times and workers, once a second; Ctrl-C ends it
`;

const TEXT = { type: 'string' } as const;
const FILTERS = [
  ...LOG_FACETS,
  ...LOG_IDS,
  'since',
  'until',
  'minCostUsd',
  'maxCostUsd',
  'minMs',
  'maxMs',
  'minTtftMs',
  'maxTtftMs',
  'minTokens',
  'maxTokens',
  'unpriced',
] as const;
const OPTIONS = {
  ...Object.fromEntries(FILTERS.map((name) => [name, TEXT])),
  follow: { type: 'boolean', short: 'f' },
  'dry-run': { type: 'boolean' },
  detach: { type: 'boolean' },
  attempts: { type: 'boolean' },
  limit: TEXT,
  url: TEXT,
  json: { type: 'boolean' },
} as const;

export interface LogCommand {
  readonly what: 'logs' | 'reconcile' | 'recalculate' | 'charges' | 'recalculations' | 'cancel' | 'top';
  /** Of a recalculation; '' = none. */
  readonly id: string;
  readonly query: URLSearchParams;
  readonly follow: boolean;
  /** Rows to begin with. */
  readonly limit: string;
  readonly json: boolean;
  /** Nothing is to be changed, and it is not to be waited for: of `recalculate`. */
  readonly dryRun: boolean;
  readonly detach: boolean;
  readonly url: string | undefined;
}

/** @throws UsageError */
export function readLogCommand(args: readonly string[]): LogCommand {
  const { values, positionals } = parsed(args);
  const [command, verb, ...more] = positionals;
  const query = new URLSearchParams();
  for (const name of FILTERS) {
    const value = values[name];
    if (typeof value === 'string') query.set(name, value);
  }
  const url = typeof values['url'] === 'string' ? values['url'] : undefined;
  const dryRun = values['dry-run'] === true;
  const common = {
    ...{ query, json: values['json'] === true, dryRun, detach: values['detach'] === true, url, id: '' },
  };
  const none = (extra: string | undefined): void => {
    if (extra !== undefined) throw new UsageError(`too many words: \`${extra}\``);
  };
  const most = typeof values['limit'] === 'string' ? values['limit'] : '50';
  if (!/^\d{1,3}$/.test(most)) throw new UsageError('`--limit` takes a number up to 500');
  if (command === 'ledger') {
    const [id = '', extra] = more;
    if (verb === 'recalculations' || verb === 'cancel') {
      none(extra);
      if (verb === 'cancel' && id === '')
        throw new UsageError('`ledger cancel` needs the id of a recalculation: see `ledger recalculations`');
      return { ...common, what: verb, id, follow: false, limit: '' };
    }
    none(more[0]);
    if (verb === 'list') {
      query.set('limit', most);
      return { ...common, what: 'charges', follow: false, limit: most };
    }
    if (verb === 'recalculate') {
      recalculateBody(query, dryRun);
      return { ...common, what: 'recalculate', follow: false, limit: '' };
    }
    if (verb !== 'reconcile')
      throw new UsageError(
        'say `headgate ledger` and one of list, reconcile, recalculate, recalculations, cancel',
      );
    return { ...common, what: 'reconcile', follow: false, limit: '' };
  }
  none(verb);
  if (command === 'top') return { ...common, what: 'top', follow: true, limit: '' };
  if (values['attempts'] === true) query.set('rows', 'attempts');
  const follow = values['follow'] === true;
  const limit = follow && values['limit'] === undefined ? '10' : most;
  if (!follow) {
    query.set('facets', 'false');
    query.set('limit', limit);
  }
  return { ...common, what: 'logs', follow, limit };
}

function parsed(args: readonly string[]): { values: Record<string, unknown>; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    const option = /'(?:-., )?--?([\w-]+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? '';
    const near = nearest(option, Object.keys(OPTIONS));
    throw new UsageError(
      near === null || near === option
        ? `option \`--${option}\` is not used rightly`
        : `unknown option \`--${option}\`; did you mean \`--${near}\`?`,
    );
  }
}

/** @returns the exit code. @throws AdminCallError, UsageError */
export async function runLogCommand(
  command: LogCommand,
  env: Readonly<Record<string, string | undefined>>,
  write: (text: string) => void,
  away: (reason: string) => void = () => undefined,
): Promise<number> {
  const target = targetOf(command.url, env);
  const going = {
    target,
    away,
    pause: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
  if (command.what === 'top') return top(going, command, write);
  if (command.what === 'recalculate')
    return runRecalculate(target, recalculateBody(command.query, command.dryRun), command, write);
  const { what } = command;
  if (what === 'charges' || what === 'recalculations' || what === 'cancel') {
    write(await runLedger(target, { ...command, what }));
    return 0;
  }
  const query = command.query.size === 0 ? '' : `?${command.query}`;
  if (command.what === 'reconcile') {
    const answer = (await callAdmin(target, 'GET', `/api/ledger/reconcile${query}`)) as Books; // as the API has it
    write(command.json ? `${JSON.stringify(answer, null, 2)}\n` : booksText(answer));
    return answer.ok ? 0 : 1;
  }
  const line = (row: LoggedRow): string => `${command.json ? JSON.stringify(row) : logLine(row)}\n`;
  if (!command.follow) {
    const { rows } = (await callAdmin(target, 'GET', `/api/logs${query}`)) as { rows: LoggedRow[] }; // as above
    write(rows.toReversed().map(line).join(''));
    return 0;
  }
  return followRows(
    going,
    command.query,
    Number(command.limit),
    (row) => write(line(row)),
    (rows) => {
      if (!command.json) write(`… ${rows} more in this second\n`);
    },
  );
}

interface Books {
  readonly complete: boolean;
  readonly ok: boolean;
  readonly charges: number;
  readonly costNano: number;
  readonly unpriced: number;
  readonly withoutRow: number;
  readonly faults: readonly { start: number; fault: string; ledger: number; other: number }[];
}

function booksText({ ok, complete, charges, costNano, unpriced, withoutRow, faults }: Books): string {
  const lines = faults.map(
    ({ start, fault, ledger, other }) =>
      `${new Date(start).toISOString()}  ${fault}: ${other}, the ledger ${ledger}`,
  );
  const sum = `${charges} charges, $${costNano / 1e9}, ${unpriced} without a price, ${withoutRow} of rows that were deleted`;
  // An older gateway does not say.
  const late =
    complete === false ? ['charges of the last moments are not all among them yet: ask again'] : [];
  const verdict = ok ? 'ledger, sums and log agree' : 'they do not agree';
  return `${[...lines, sum, ...late, verdict].join('\n')}\n`;
}

async function top(going: FollowDeps, { json }: LogCommand, write: (text: string) => void): Promise<number> {
  for await (const { data } of followStream(going, '/api/cluster/stream')) {
    // The whole screen anew: what is gone must not stay.
    write(json ? `${JSON.stringify(data)}\n` : `\u001b[H\u001b[2J${topScreen(data as ClusterView)}`); // as the API has it
  }
  return 0;
}
