// `headgate audit list|export|verify`: the audit log on the command line. An export goes to standard output as it comes, so that
// a log of years is no memory of ours.
import { parseArgs } from 'node:util';
import { nearest } from '../../src/names/nearest.ts';
import { callAdmin } from './admin-client.ts';
import { targetOf } from './admin-command.ts';
import { pipeAdmin } from './admin-stream.ts';
import { UsageError } from './usage.ts';

export const AUDIT_HELP = `  headgate audit list   [--FILTER VALUE ...]    who did what, newest first: --initiator --action --target --outcome
                   --since 2027-01-31T00:00:00Z --until …; --limit 50
  headgate audit export [--format syslog]       all of it, oldest first, a line each: NDJSON, or RFC 5424; filters as above,
                   [--after SEQUENCE]           and from behind an entry on
  headgate audit verify                         prove that the audit log is whole (exit code 1 when it is not)
`;

const VERBS = ['list', 'export', 'verify'] as const;
const FILTERS = ['initiator', 'action', 'target', 'outcome', 'since', 'until'] as const;
const TAKES: Readonly<Record<(typeof VERBS)[number], readonly string[]>> = {
  list: [...FILTERS, 'limit'],
  export: [...FILTERS, 'format', 'after'],
  verify: [],
};
const TEXT = { type: 'string' } as const;
const OPTIONS = {
  ...Object.fromEntries([...FILTERS, 'limit', 'format', 'after', 'url'].map((name) => [name, TEXT])),
  json: { type: 'boolean' },
} as const;

export interface AuditCommand {
  readonly verb: (typeof VERBS)[number];
  readonly path: string;
  readonly url: string | undefined;
  readonly json: boolean;
}

/** @throws UsageError */
export function readAuditCommand(args: readonly string[]): AuditCommand {
  const { values, positionals } = parsed(args);
  const [, word = '', ...more] = positionals;
  const verb = VERBS.find((one) => one === word);
  if (verb === undefined) {
    const near = nearest(word, VERBS);
    throw new UsageError(
      `say one of ${VERBS.map((one) => `audit ${one}`).join(', ')}${near === null ? '' : `; did you mean \`${near}\`?`}`,
    );
  }
  if (more.length > 0) throw new UsageError(`too many words: \`${more.join(' ')}\``);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (name === 'url' || name === 'json') continue;
    if (!TAKES[verb].includes(name)) throw new UsageError(`\`audit ${verb}\` takes no --${name}`);
    query.set(name, String(value));
  }
  const path = `/api/audit${verb === 'list' ? '' : `/${verb}`}${query.size === 0 ? '' : `?${query}`}`;
  const url = values['url'];
  return { verb, path, url: typeof url === 'string' ? url : undefined, json: values['json'] === true };
}

/** @returns the exit code. @throws AdminCallError, UsageError */
export async function runAuditCommand(
  { verb, path, url, json }: AuditCommand,
  env: Readonly<Record<string, string | undefined>>,
  write: (text: string) => void,
): Promise<number> {
  const target = targetOf(url, env);
  if (verb === 'export') {
    await pipeAdmin(target, path, write);
    return 0;
  }
  const answer = (await callAdmin(target, 'GET', path)) as Answer; // read with care below
  if (json) write(`${JSON.stringify(answer, null, 2)}\n`);
  else if (verb === 'list') for (const entry of answer.items ?? []) write(`${line(entry)}\n`);
  else {
    const faults = answer.faults ?? [];
    for (const { sequence, fault } of faults) write(`entry ${String(sequence)}: ${String(fault)}\n`);
    write(
      `${String(answer.entries)} entries, ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}\n`,
    );
  }
  return verb === 'verify' && answer.ok !== true ? 1 : 0;
}

interface Answer {
  readonly ok?: unknown;
  readonly entries?: unknown;
  readonly faults?: readonly { readonly sequence?: unknown; readonly fault?: unknown }[];
  readonly items?: readonly Readonly<Record<string, unknown>>[];
}

/** Without what a terminal would obey: names and reasons may be anybody's. */
function line(entry: Readonly<Record<string, unknown>>): string {
  const at = typeof entry['at'] === 'number' ? new Date(entry['at']).toISOString() : '-';
  const cells = ['sequence', 'outcome', 'initiator', 'action', 'target', 'ip', 'reason'].map((field) => {
    const cell = String(entry[field] ?? '');
    return cell === '' ? '-' : cell.replace(/[^\x20-\x7e\u00a0-\uffff]/g, '?');
  });
  return [at, ...cells].join('  ');
}

function parsed(args: readonly string[]): {
  values: Readonly<Record<string, unknown>>;
  positionals: readonly string[];
} {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch {
    const options = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new UsageError(`options of \`audit\` are ${options.join(', ')}`);
  }
}
