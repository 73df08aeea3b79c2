// `headgate providers|models|config|teams …`: the rest of the admin API on the command line. A noun, a verb, what it is about, and a
// body from a file, standard input or `--data`; what comes back is printed as JSON, or as lines.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { nearest } from '../../src/names/nearest.ts';
import { bodyText, rulesOf } from './admin-body.ts';
import { type AdminTarget, callAdmin, callPages } from './admin-client.ts';
import { EDGE_NOUNS, EDGE_RESOURCE_HELP, edgeRequest } from './admin-edge.ts';
import { asUsage, UsageError } from './usage.ts';

/** Of objects: list, get, create, update, delete. */
const OBJECTS = [
  'organizations',
  'teams',
  'users',
  'customers',
  'projects',
  'limits',
  'budgets',
  'providers',
  'provider-keys',
  'models',
  'admins',
] as const;
/** Of those: who may have limits and budgets. */
const HOLDERS: readonly string[] = ['organizations', 'teams', 'users', 'customers', 'projects'];
const OBJECT_VERBS = ['list', 'get', 'create', 'update', 'delete'] as const;
/** What is about nothing by itself. */
const ALONE: ReadonlySet<string> = new Set([
  ...[...OBJECTS, 'lanes', 'tokens', 'exports'].map((noun) => `${noun} list`),
  ...[
    'budgets standing',
    'cluster show',
    'cluster history',
    'secrets show',
    'secrets rotate',
    'cache show',
    'cache purge',
  ],
  ...['oidc show', 'exports create'],
  ...['show', 'validate', 'diff', 'apply', 'export'].map((verb) => `config ${verb}`),
]);
const MORE: Readonly<Record<string, readonly string[]>> = {
  providers: ['pause', 'resume', 'test'],
  models: ['try'],
  lanes: ['list', 'get', 'reset'],
  config: ['show', 'validate', 'diff', 'apply', 'history', 'rollback', 'export'],
  cluster: ['show', 'history'],
  credit: ['add', 'show'],
  budgets: ['standing'],
  tokens: ['list', 'create', 'delete'],
  secrets: ['show', 'rotate'],
  cache: ['show', 'purge'],
  prices: ['show', 'set', 'unset'],
  exports: ['list', 'create'],
  oidc: ['show'],
  ...EDGE_NOUNS,
};

export const RESOURCE_HELP = `  headgate providers|provider-keys|models|teams|organizations|users|customers|projects|limits|budgets|admins
                   list | get NAME | create|update|delete NAME    with --data '{"…"}' or --file FILE (YAML or JSON; - = stdin);
                   list takes --where FIELD=VALUE, as often as you like; teams and other holders --limit 600/min --budget 50/1M
  headgate providers pause|resume|test NAME     nobody is sent there; does it answer, and whose is the fault
  headgate models try NAME                      where a call would go now, and why
  headgate lanes list|get NAME|reset NAME [MODEL]   what rests, and an end to it
  headgate config show|validate|diff|apply|history|rollback VERSION|export   of what the API manages; --file FILE
  headgate budgets standing                     every budget and limit that has one counter, and how it stands; with
                   --where team=red (key, user, customer, …) those that count such calls
  headgate credit add|show KEY|team/NAME [USD]  money paid ahead: adds to it, shows what is left; --data '{"note":"…"}'
  headgate tokens list|create NAME|delete ID    personal tokens of your own; --data '{"scopes":["key:read"],"days":90}'
  headgate secrets show|rotate                  the master key: another one, and what is stored wrapped with it
  headgate cache show|purge                     answers that are kept; purge takes --where tag=… or --where all=true
  headgate prices show MODEL[,MODEL]            what they cost, now and at other times, and who says so
  headgate prices set MODEL | unset MODEL       says so in place of the built-in table; --data '{"input_cost_per_token":1e-6}'
  headgate exports list|create                  of the log to storage; --data '{"since":"24h"}'
  headgate cluster show                         processes, lanes, Redis and the store
  headgate cluster history                      loop delay, memory, connections and restarts of the last 24 hours
${EDGE_RESOURCE_HELP}`;

export interface ResourceCommand {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** All pages of a list are wanted. */
  readonly paged?: true;
  readonly url: string | undefined;
  readonly json: boolean;
}

/** Whether it is one of these; `headgate models` alone is another command. */
export function isResourceCommand(args: readonly string[]): boolean {
  const [noun = '', verb = ''] = args;
  if (noun === 'models') return [...OBJECT_VERBS, ...MORE['models']!].some((one) => one === verb);
  if (noun === 'cache') return MORE['cache']!.includes(verb);
  return OBJECTS.some((one) => one === noun) || noun in MORE;
}

/** @param read of a file by path, `-` = standard input. @throws UsageError */
export function readResourceCommand(
  args: readonly string[],
  read: (path: string) => string = (path) => readFileSync(path === '-' ? 0 : path, 'utf8'),
): ResourceCommand {
  const { values, positionals } = parsed(args);
  const [noun = '', verb = '', subject, extra, ...more] = positionals;
  const verbs = [...(OBJECTS.some((one) => one === noun) ? OBJECT_VERBS : []), ...(MORE[noun] ?? [])];
  if (!verbs.includes(verb)) {
    const near = nearest(verb, verbs);
    throw new UsageError(
      `say one of ${verbs.join(', ')}${near === null ? '' : `; did you mean \`${near}\`?`}`,
    );
  }
  if (more.length > 0) throw new UsageError(`too many words: \`${more.join(' ')}\``);
  const words = `${noun} ${verb}`;
  if (subject !== undefined && ALONE.has(words)) throw new UsageError(`too many words: \`${subject}\``);
  const common = { url: values.url, json: values.json === true };
  const text = values.file === undefined ? undefined : read(values.file);
  const body = text ?? values.data;
  const where = new URLSearchParams((values.where ?? []).map((pair) => pairOf(pair)));
  if (where.size > 0 && !['list', 'purge', 'standing'].includes(verb))
    throw new UsageError(`\`${noun} ${verb}\` takes no --where`);
  const command = (method: ResourceCommand['method'], path: string, sent?: object): ResourceCommand => ({
    ...common,
    method,
    path: `/api/${path}`,
    ...(sent === undefined ? {} : { body: sent }),
  });
  const withWhere = (path: string): string =>
    where.size === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${where}`;
  const named = (): string => {
    if (subject === undefined) throw new UsageError(`\`${noun} ${verb}\` needs a name or an id`);
    return encodeURIComponent(subject);
  };
  const ruled = values.limit !== undefined || values.budget !== undefined;
  if (ruled && !(HOLDERS.includes(noun) && (verb === 'create' || verb === 'update')))
    throw new UsageError(`\`${noun} ${verb}\` takes no --limit or --budget`);
  const given = (): Record<string, unknown> =>
    asUsage(() => ({ ...bodyText(body), ...rulesOf(values.limit, values.budget) }));
  if (noun in EDGE_NOUNS) {
    const asked = { subject, named, given: given(), where: String(where) };
    const { path, ...rest } = edgeRequest(noun, verb, asked);
    return { ...common, ...rest, path: `/api/${path}` };
  }
  if (noun === 'config') return configCommand(verb, subject, body, command);
  if (noun === 'credit') return creditCommand(verb, subject, extra, given(), command);
  if (verb === 'standing') return command('GET', withWhere('budgets/standing'));
  if (noun === 'cluster' || noun === 'oidc')
    return command('GET', verb === 'history' ? 'cluster/history' : noun);
  if (noun === 'prices')
    switch (verb) {
      case 'set':
        named();
        return command('PUT', 'prices', { model: subject, prices: given() });
      case 'unset':
        return command('DELETE', `prices?model=${named()}`);
      default:
        return command('GET', `prices?models=${named()}`);
    }
  if (noun === 'secrets')
    return verb === 'show' ? command('GET', 'secrets') : command('POST', 'secrets/rotate', {});
  if (noun === 'cache')
    return verb === 'show' ? command('GET', 'cache') : command('DELETE', withWhere('cache'));
  if (noun === 'exports')
    return verb === 'list'
      ? command('GET', withWhere('logs/exports'))
      : command('POST', 'logs/exports', given());
  switch (verb) {
    case 'list':
      return noun === 'lanes'
        ? command('GET', withWhere(noun))
        : { ...command('GET', withWhere(`${noun}?limit=500`)), paged: true };
    case 'get':
      return command('GET', `${noun}/${named()}`);
    case 'create':
      return command('POST', noun, { ...(subject === undefined ? {} : { name: subject }), ...given() });
    case 'update':
      return command('PATCH', `${noun}/${named()}`, given());
    case 'delete':
      return command('DELETE', `${noun}/${named()}`);
    case 'reset':
      return command('POST', `lanes/${named()}/reset`, extra === undefined ? {} : { model: extra });
    default:
      return command('POST', `${noun}/${named()}/${verb}`, body === undefined ? {} : given());
  }
}

type Make = (method: ResourceCommand['method'], path: string, sent?: object) => ResourceCommand;

/** Whose it is: a key, or `team/NAME`, `customer/NAME`, …. */
function creditCommand(
  verb: string,
  subject: string | undefined,
  amount: string | undefined,
  given: Record<string, unknown>,
  command: Make,
): ResourceCommand {
  const [first = '', second] = (subject ?? '').split('/', 2);
  const [kind, name] = second === undefined ? ['key', first] : [first, second];
  if (!['key', 'team', 'user', 'customer', 'project', 'organization'].includes(kind) || name === '')
    throw new UsageError(`\`credit ${verb}\` needs a key, or \`team/NAME\`, \`customer/NAME\`, …`);
  const path = `${kind}s/${encodeURIComponent(name)}/credit`;
  if (verb === 'show') return command('GET', path);
  const amountUsd = Number(amount ?? 'NaN');
  if (!Number.isFinite(amountUsd)) throw new UsageError('`credit add` needs an amount in US dollars');
  return command('POST', path, { ...given, amountUsd });
}

function configCommand(
  verb: string,
  subject: string | undefined,
  text: string | undefined,
  command: Make,
): ResourceCommand {
  switch (verb) {
    case 'show':
      return command('GET', 'config');
    case 'history':
      return command(
        'GET',
        subject === undefined ? 'config/history' : `config/history/${encodeURIComponent(subject)}`,
      );
    case 'export':
      return command('GET', 'config/export');
    case 'rollback':
      if (!/^\d{1,15}$/.test(subject ?? ''))
        throw new UsageError('`config rollback` needs the number of a version: see `config history`');
      return command('POST', 'config/rollback', { version: Number(subject) });
    default:
      if (text === undefined || text.trim() === '')
        throw new UsageError(`\`config ${verb}\` needs --file FILE`);
      // As a text, so that problems come with their line.
      return command('POST', `config/${verb}`, { config: text });
  }
}

/** @returns what to print, and the exit code. @throws AdminCallError, UsageError */
export async function runResourceCommand(
  command: ResourceCommand,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ text: string; code: number }> {
  const token = env['HEADGATE_ADMIN_TOKEN'] ?? '';
  if (token === '') throw new UsageError('HEADGATE_ADMIN_TOKEN is not set: it is a personal token, `hga-…`');
  const port = env['HEADGATE_ADMIN_PORT'] ?? env['HEADGATE_PORT'] ?? '8080';
  const url = command.url ?? env['HEADGATE_ADMIN_URL'] ?? `http://127.0.0.1:${port}`;
  const target: AdminTarget = { url, token };
  const { method, path, body, paged } = command;
  const answer = paged === true ? await callPages(target, path) : await callAdmin(target, method, path, body);
  return { text: shown(answer, command.json), code: isRecord(answer) && answer['ok'] === false ? 1 : 0 };
}

/** Problems as lines, names of a list as lines, else JSON. */
function shown(answer: unknown, json: boolean): string {
  if (typeof answer === 'string') return answer === '' ? 'done' : answer.trimEnd();
  if (json || !isRecord(answer)) return JSON.stringify(answer, null, 2);
  const { problems, items, budgets, limits } = answer;
  if (Array.isArray(budgets) && Array.isArray(limits) && !('id' in answer))
    return [...budgets.filter(isRecord).map(budgetLine), ...limits.filter(isRecord).map(limitLine)].join(
      '\n',
    );
  if (answer['ok'] === true && Array.isArray(problems)) return 'nothing is wrong with it';
  if (Array.isArray(problems) && problems.length > 0)
    return problems
      .filter(isRecord)
      .map(({ line, path, message }) =>
        [line === null ? '' : `line ${String(line)}`, path, message].filter(Boolean).join(': '),
      )
      .join('\n');
  const plainList = Object.keys(answer).every((name) => name === 'items' || name === 'next');
  if (
    plainList &&
    Array.isArray(items) &&
    items.every((item) => isRecord(item) && typeof item['name'] === 'string')
  )
    return items
      .filter(isRecord)
      .map(({ name, id, managed }) => [name, id, managed].filter(Boolean).join('  '))
      .join('\n');
  return JSON.stringify(answer, null, 2);
}

/** `$0.4 of $50 (1M) of key app, until 2026-12-01T00:00:00.000Z`. */
function budgetLine({ owner, window, amountUsd, spentUsd, soft, resetsAt }: Record<string, unknown>): string {
  const until = resetsAt === null ? '' : `, until ${String(resetsAt)}`;
  return `$${String(spentUsd)} of $${String(amountUsd)} (${String(window)}) of ${String(owner)}${until}${soft === true ? ', soft mark passed' : ''}`;
}

function limitLine({ owner, dimension, limit, periodMs, remaining }: Record<string, unknown>): string {
  const per = periodMs === 0 ? '' : ` each ${Number(periodMs) / 1_000} s`;
  return `${String(remaining)} left of ${String(limit)} ${String(dimension)}${per} of ${String(owner)}`;
}

/** @throws UsageError */
function pairOf(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`\`--where ${text}\`: say FIELD=VALUE`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const texts = { type: 'string', multiple: true } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: text,
        file: text,
        url: text,
        where: texts,
        limit: texts,
        budget: texts,
        json: { type: 'boolean' },
      },
      allowPositionals: true,
      strict: true,
    });
  } catch {
    throw new UsageError(
      'options are --data JSON, --file FILE, --limit 600/min, --budget 50/1M, --where FIELD=VALUE, --url URL, --json',
    );
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
