// `headgate keys …`, `headgate backup`: the verbs of the admin API on the command line. Words go in, one call comes out; what
// it answers is printed as a table, or with --json as it came.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { nearest } from '../../src/names/nearest.ts';
import { bodyText, rulesOf } from './admin-body.ts';
import { type AdminTarget, callAdmin, callPages } from './admin-client.ts';
import { asUsage, UsageError } from './usage.ts';

export const ADMIN_COMMANDS = ['keys', 'backup'] as const;

export const ADMIN_HELP = `  headgate keys create [--name NAME] [...]      a new key, shown once; without a name it gets one
  headgate keys list   [--team T] [...]         keys, without themselves
  headgate keys get|update|delete KEY           by id or name; update takes what create takes
  headgate keys rotate|fetch|block|unblock KEY  rotate takes --grace 24h; fetch shows what waits after a rotation on schedule
                   of a key: --team --user --customer --project --models "openai/*,!*-preview" --providers
                   --endpoints --ips --tags --limit 600/min --budget 50/1M --expires 2027-01-31T00:00:00Z --priority --service
                   --rotate-every 90d --rotate-grace 7d, and all else by --data '{"…"}' or --file FILE (null takes away)
                   of all:   --url http://127.0.0.1:8080 (HEADGATE_ADMIN_URL), --json; HEADGATE_ADMIN_TOKEN=hga-…
  headgate backup                               a copy of the store, in its data folder
`;

const TEXT = { type: 'string' } as const;
const OPTIONS = {
  name: TEXT,
  prefix: TEXT,
  managed: TEXT,
  blocked: TEXT,
  organization: TEXT,
  team: TEXT,
  user: TEXT,
  customer: TEXT,
  project: TEXT,
  description: TEXT,
  models: TEXT,
  providers: TEXT,
  endpoints: TEXT,
  ips: TEXT,
  tags: TEXT,
  limit: { type: 'string', multiple: true },
  budget: { type: 'string', multiple: true },
  expires: TEXT,
  priority: TEXT,
  grace: TEXT,
  'rotate-every': TEXT,
  'rotate-grace': TEXT,
  data: TEXT,
  file: TEXT,
  url: TEXT,
  service: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

export interface AdminCommand {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly url: string | undefined;
  readonly json: boolean;
  readonly show: 'key' | 'keys' | 'object' | 'done' | 'backup';
  /** What people are told beside the answer. */
  readonly note?: string;
}

type Values = Record<string, string | boolean | readonly (string | boolean)[] | undefined>;

const LISTS = ['models', 'providers', 'endpoints', 'ips', 'tags'] as const;
const PLAIN = [
  'name',
  'organization',
  'team',
  'user',
  'customer',
  'project',
  'description',
  'priority',
] as const;
const OWN = [
  ...LISTS,
  ...PLAIN,
  'limit',
  'budget',
  'expires',
  'service',
  'rotate-every',
  'rotate-grace',
  'data',
  'file',
];
const FILTERS = [
  'name',
  'prefix',
  'managed',
  'team',
  'user',
  'customer',
  'project',
  'organization',
  'priority',
  'blocked',
] as const;
/** `revoke` is what `delete` was called first. */
const KEY_VERBS = [
  'create',
  'list',
  'get',
  'update',
  'delete',
  'rotate',
  'fetch',
  'block',
  'unblock',
  'revoke',
] as const;

/** @param read of a file by path, `-` = standard input. @throws UsageError */
export function readAdminCommand(
  args: readonly string[],
  read: (path: string) => string = (path) => readFileSync(path === '-' ? 0 : path, 'utf8'),
): AdminCommand {
  const { values, positionals } = parsed(args);
  const [command, verb, subject, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`too many words: \`${more.join(' ')}\``);
  const common = { url: textOf(values, 'url'), json: values['json'] === true };
  if (command === 'backup') {
    takes(values, []);
    if (verb !== undefined) throw new UsageError('`backup` takes no further words');
    return { ...common, method: 'POST', path: '/api/backup', show: 'backup' };
  }
  const known = KEY_VERBS.find((one) => one === verb);
  if (known === undefined) {
    const near = verb === undefined ? null : nearest(verb, KEY_VERBS);
    throw new UsageError(
      `say one of ${KEY_VERBS.join(', ')}${near === null ? '' : `; did you mean \`${near}\`?`}`,
    );
  }
  if (known === 'create') {
    takes(values, OWN);
    const named = textOf(values, 'name') ?? subject;
    const stated = { ...mappingOf(values, read), ...bodyOf(values) };
    if (named !== undefined || 'name' in stated)
      return {
        ...common,
        method: 'POST',
        path: '/api/keys',
        body: { ...stated, ...(named === undefined ? {} : { name: named }) },
        show: 'key',
      };
    if (Object.keys(stated).length === 0) throw new UsageError('a key needs a --name');
    const body = { ...stated, name: nameFor(values) };
    return {
      ...common,
      method: 'POST',
      path: '/api/keys',
      body,
      show: 'key',
      note: `its name is ${body.name}`,
    };
  }
  if (known === 'list') {
    takes(values, FILTERS);
    if (subject !== undefined) throw new UsageError('`keys list` takes options alone');
    const query = new URLSearchParams({ limit: '500' });
    for (const field of FILTERS) {
      const value = textOf(values, field);
      if (value !== undefined) query.set(field, value);
    }
    return { ...common, method: 'GET', path: `/api/keys?${query}`, show: 'keys' };
  }
  takes(values, known === 'rotate' ? ['grace'] : known === 'update' ? OWN : []);
  if (subject === undefined) throw new UsageError(`\`keys ${known}\` needs the id or the name of a key`);
  const path = `/api/keys/${encodeURIComponent(subject)}`;
  if (known === 'delete' || known === 'revoke') return { ...common, method: 'DELETE', path, show: 'done' };
  if (known === 'get') return { ...common, method: 'GET', path, show: 'object' };
  if (known === 'update') {
    const stated = { ...mappingOf(values, read), ...bodyOf(values) };
    if (Object.keys(stated).length === 0) throw new UsageError('`keys update` needs something to change');
    return { ...common, method: 'PATCH', path, body: stated, show: 'object' };
  }
  const grace = textOf(values, 'grace');
  const body = grace === undefined ? {} : { grace };
  return {
    ...common,
    method: 'POST',
    path: `${path}/${known}`,
    body,
    show: known === 'rotate' || known === 'fetch' ? 'key' : 'done',
  };
}

/** Which gateway is meant, and who asks. @throws UsageError */
export function targetOf(
  stated: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): AdminTarget {
  const token = env['HEADGATE_ADMIN_TOKEN'] ?? '';
  if (token === '') throw new UsageError('HEADGATE_ADMIN_TOKEN is not set: it is a personal token, `hga-…`');
  const port = env['HEADGATE_ADMIN_PORT'] ?? env['HEADGATE_PORT'] ?? '8080';
  const url = stated ?? env['HEADGATE_ADMIN_URL'] ?? `http://127.0.0.1:${port}`;
  return { url, token };
}

/** @returns what to print, and the exit code. @throws AdminCallError, UsageError */
export async function runAdminCommand(
  command: AdminCommand,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ text: string; code: number; note: string }> {
  const target = targetOf(command.url, env);
  const { method, path, body, note = '' } = command;
  const answer =
    command.show === 'keys' ? await callPages(target, path) : await callAdmin(target, method, path, body);
  const text = command.json ? JSON.stringify(answer, null, 2) : shown(command.show, answer);
  return { text, code: 0, note };
}

/** Of a key that nobody named: whose it is, and what no other has. */
function nameFor(values: Values): string {
  const owner = ['team', 'user', 'customer', 'project', 'organization']
    .map((field) => textOf(values, field))
    .find((one) => one !== undefined);
  // Names may be shorter than those of their owners.
  return `${(owner ?? 'key').slice(0, 48)}-${randomBytes(4).toString('hex')}`;
}

function shown(what: AdminCommand['show'], answer: unknown): string {
  switch (what) {
    case 'key':
      // Alone on stdout, so that a script can take it.
      return String(fieldOf(answer, 'key'));
    case 'keys': {
      const items = fieldOf(answer, 'items');
      const rows = (Array.isArray(items) ? items : []).map((key) =>
        ['id', 'name', 'prefix', 'lastFour', 'managed', 'lastUsedAt'].map((field) =>
          String(fieldOf(key, field) ?? '-'),
        ),
      );
      const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? [];
      return rows
        .map((row) =>
          row
            .map((cell, column) => cell.padEnd(widths[column]!))
            .join('  ')
            .trimEnd(),
        )
        .join('\n');
    }
    case 'backup':
      return String(fieldOf(answer, 'file'));
    case 'object':
      return JSON.stringify(answer, null, 2);
    case 'done':
      return 'done';
  }
}

function bodyOf(values: Values): object {
  const body: Record<string, unknown> = {};
  for (const field of PLAIN) if (values[field] !== undefined) body[field] = values[field];
  for (const field of LISTS) {
    const stated = textOf(values, field);
    if (stated !== undefined)
      body[field] = stated
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '');
  }
  Object.assign(
    body,
    asUsage(() => rulesOf(textsOf(values, 'limit'), textsOf(values, 'budget'))),
  );
  if (values['expires'] !== undefined) body['expiresAt'] = values['expires'];
  if (values['service'] === true) body['service'] = true;
  if (values['rotate-every'] !== undefined) body['rotateEvery'] = values['rotate-every'];
  if (values['rotate-grace'] !== undefined) body['rotateGrace'] = values['rotate-grace'];
  return body;
}

function mappingOf(values: Values, read: (path: string) => string): object {
  const file = textOf(values, 'file');
  return asUsage(() => bodyText(file === undefined ? textOf(values, 'data') : read(file)));
}

function parsed(args: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    const option = /'(--?[\w-]+)/.exec(error instanceof Error ? error.message : '')?.[1] ?? '';
    const near = nearest(
      option,
      Object.keys(OPTIONS).map((one) => `--${one}`),
    );
    throw new UsageError(
      near === null || near === option
        ? `option ${option} is not used rightly`
        : `unknown option \`${option}\`; did you mean \`${near}\`?`,
    );
  }
}

function takes(values: Values, known: readonly string[]): void {
  const other = Object.keys(values).find((name) => ![...known, 'url', 'json'].includes(name));
  if (other !== undefined) throw new UsageError(`this command takes no --${other}`);
}

function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textsOf(values: Values, name: string): string[] | undefined {
  const value = values[name];
  return Array.isArray(value) ? value.map(String) : undefined;
}
