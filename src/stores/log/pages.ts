// Pages of rows and of charges, newest first. One filter drives: its index gives rows in their order; what fits all others is
// picked out of the next SCAN_ROWS of them, so that a page costs the same whatever is asked. Rows it did not come to are
// the next page's.
import type {
  LedgerPage,
  LogFacet,
  LogFilter,
  LogIdField,
  LoggedRow,
  LogListFacet,
  LogPage,
  LogQuery,
  LogRange,
} from '../../contracts/log-store.ts';
import { isListFacet, isPassed } from '../../observability/requests/list-facets.ts';
import type { SqlRow, SqlValue, SqlWork } from '../sql-driver.ts';
import { COST_NOW, LEDGER_COLUMNS, LOG_COLUMNS, loggedRow, RANGE_COLUMNS, TEXTS } from './columns.ts';
import { withCorrections } from './corrections.ts';
import { marks } from './sum-places.ts';
import { PLACES_PER_MS } from './write.ts';

/** Rows one page may look at. */
const SCAN_ROWS = 10_000;
/** Of them at least so many for each of several values: more than a page has. */
const LEAST_ROWS = 1_000;

type Field = LogFacet | LogIdField;

/** Which filter drives, where several are there: the one that leaves fewest, as a rule. */
const DRIVERS: readonly Field[] = [
  'call',
  'parent',
  'session',
  'customer',
  'user',
  'tag',
  'guardrail',
  'errorType',
  'outcome',
  'owner',
  'key',
  'keyAlias',
  'team',
  'project',
  'requestedModel',
  'upstreamModel',
  'model',
  'status',
  'cache',
  'provider',
  'organization',
  'stop',
  'operation',
];

/** Values that nearly every row has, and the index leaves out: such a filter drives nothing. */
const COMMON: Readonly<Partial<Record<Field, string>>> = {
  outcome: 'ok',
  status: '200',
  stop: 'end',
  operation: 'chat',
};

/** Where values lie of which a row has several. */
const LISTS: Readonly<Record<LogListFacet, { readonly table: string; readonly column: string }>> = {
  tag: { table: 'log_tags', column: 'tag' },
  guardrail: { table: 'log_guardrails', column: 'deed' },
};

interface Table {
  readonly name: 'log' | 'ledger';
  readonly columns: readonly string[];
}

const LOG: Table = { name: 'log', columns: LOG_COLUMNS };
const LEDGER: Table = { name: 'ledger', columns: LEDGER_COLUMNS };

export function* logPageWork(query: LogQuery): SqlWork<LogPage> {
  const { rows, next } = yield* pageWork(LOG, query);
  return { rows: rows.map(loggedRow), next };
}

export function* ledgerPageWork(query: LogQuery): SqlWork<LedgerPage> {
  const { rows, next } = yield* pageWork(LEDGER, query);
  return { items: yield* withCorrections(rows), next };
}

function* pageWork(table: Table, query: LogQuery): SqlWork<{ rows: SqlRow[]; next: string | null }> {
  const { limit, cursor = null, since, until } = query;
  const low = since === undefined ? 0 : since * PLACES_PER_MS;
  const high = Math.min(
    cursor === null ? Number.MAX_SAFE_INTEGER : Number(cursor),
    until === undefined ? Number.MAX_SAFE_INTEGER : until * PLACES_PER_MS,
  );
  const driver = driverOf(query);
  const values: readonly (string | null)[] = driver === null ? [null] : (query.values[driver] ?? [null]);
  const rest = restOf(table, query, driver);
  const scanned = Math.max(LEAST_ROWS, Math.ceil(SCAN_ROWS / values.length));
  const found: SqlRow[] = [];
  let scannedTo: number | null = null;
  // Each value has an order of its own: the newest of all are among the newest of each.
  for (const value of values) {
    const source = sourceOf(table, driver, value);
    const bounds: SqlValue[] = [...source.values, low, high];
    // Rows come in the order of the inner question; to ask for it again would sort all that may be looked at.
    const rows = yield {
      text: `SELECT * FROM (${source.text} LIMIT ${scanned}) AS t ${rest.text} LIMIT ?`,
      values: [...bounds, ...rest.values, limit + 1],
    };
    found.push(...rows);
    if (rows.length > limit) continue;
    const end = yield { text: `${source.ids} LIMIT 1 OFFSET ${scanned - 1}`, values: bounds };
    const last = end[0] === undefined ? null : Number(end[0]['id']);
    if (last !== null) scannedTo = Math.max(scannedTo ?? 0, last);
  }
  found.sort((one, other) => Number(other['id']) - Number(one['id']));
  // A row with several of the values is found by each, and is one all the same.
  const once = found.filter((row, at) => at === 0 || row['id'] !== found[at - 1]!['id']);
  // Below where one value was not looked at further nothing is certain.
  const certain = scannedTo === null ? once : once.filter((row) => Number(row['id']) >= scannedTo!);
  const rows = certain.slice(0, limit);
  if (certain.length > limit) return { rows, next: String(Number(rows.at(-1)!['id'])) };
  return { rows, next: scannedTo === null ? null : String(scannedTo) };
}

function driverOf({ values }: LogFilter): Field | null {
  return (
    DRIVERS.find((field) => {
      const wanted = values[field];
      if (wanted === undefined || wanted.includes('') || wanted.includes(COMMON[field] ?? '')) return false;
      return field !== 'guardrail' || !wanted.some(isPassed);
    }) ?? null
  );
}

interface Source {
  readonly text: string;
  /** Numbers alone, from the index. */
  readonly ids: string;
  readonly values: readonly SqlValue[];
}

function sourceOf({ name, columns }: Table, driver: Field | null, value: string | null): Source {
  const bounds = (id: string): string => `${id} >= ? AND ${id} < ? ORDER BY ${id} DESC`;
  if (driver !== null && isListFacet(driver)) {
    const { table, column } = LISTS[driver];
    return {
      text: `SELECT ${columns.map((one) => `l.${one}`).join(', ')} FROM ${table} AS g JOIN ${name} AS l ON l.id = g.id WHERE g.${column} = ? AND ${bounds('g.id')}`,
      ids: `SELECT id FROM ${table} AS g WHERE g.${column} = ? AND ${bounds('g.id')}`,
      values: [value],
    };
  }
  const from = (what: string, term: string): string =>
    `SELECT ${what} FROM ${name} WHERE ${term}${bounds('id')}`;
  if (driver === null) return { text: from(columns.join(', '), ''), ids: from('id', ''), values: [] };
  const { column, wanted } = equal(driver, value!);
  return {
    text: from(columns.join(', '), `${column} = ? AND ${sparse(driver)}`),
    ids: from('id', `${column} = ? AND ${sparse(driver)}`),
    values: [wanted],
  };
}

/** Says what the index says, so that a database that does not know the value may use it. */
function sparse(field: Field): string {
  if (field === 'status') return 'status <> 200 AND ';
  if (field === 'outcome') return `outcome <> 'ok' AND `;
  const column = TEXTS[field as keyof typeof TEXTS];
  return `${column} <> '' AND `;
}

function equal(field: Field, value: string): { column: string; wanted: SqlValue } {
  if (field === 'status') return { column: 'status', wanted: Number(value) || 0 };
  if (field === 'stream') return { column: 'stream', wanted: value === 'true' ? 1 : 0 };
  return { column: TEXTS[field as keyof typeof TEXTS], wanted: value };
}

/** All that does not drive, as a WHERE behind the rows that were looked at. */
function restOf(
  { name }: Table,
  filter: LogFilter,
  driver: Field | null,
): { text: string; values: SqlValue[] } {
  const terms: string[] = [];
  const values: SqlValue[] = [];
  for (const [field, wanted] of Object.entries(filter.values) as [Field, readonly string[]][]) {
    if (field === driver) continue;
    if (isListFacet(field)) {
      const term = listTerm(field, wanted);
      terms.push(term.text);
      values.push(...term.values);
      continue;
    }
    const pairs = wanted.map((value) => equal(field, value));
    terms.push(`${pairs[0]!.column} IN (${pairs.map(() => '?').join(', ')})`);
    values.push(...pairs.map((pair) => pair.wanted));
  }
  for (const [field, [min, max]] of Object.entries(filter.ranges) as [
    LogRange,
    readonly [number | null, number | null],
  ][]) {
    const column = name === 'ledger' && field === 'costNano' ? COST_NOW : RANGE_COLUMNS[field];
    for (const [bound, sign] of [
      [min, '>='],
      [max, '<='],
    ] as const) {
      if (bound === null) continue;
      terms.push(`${column} ${sign} ?`);
      values.push(bound);
    }
  }
  if (filter.unpriced === true)
    terms.push(name === 'ledger' ? 'unpriced = 1 AND corrected_nano IS NULL' : 'unpriced = 1');
  if (name === 'log' && filter.attempts !== true) terms.push('final = 1');
  return { text: terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`, values };
}

/** Any of the values, `''` being none at all. */
function listTerm(field: LogListFacet, wanted: readonly string[]): { text: string; values: SqlValue[] } {
  const { table, column } = LISTS[field];
  // Of guardrails that let a call pass there is no index: they stand in the row alone.
  const passed = field === 'guardrail' ? wanted.filter(isPassed) : [];
  const named = wanted.filter((value) => value !== '' && !passed.includes(value));
  const has = `EXISTS (SELECT 1 FROM ${table} AS g WHERE g.id = t.id AND g.${column} IN (${marks(named)}))`;
  const terms = [
    ...(named.length === 0 ? [] : [has]),
    ...passed.map(() => `t.data LIKE ? ESCAPE '!'`),
    ...(wanted.includes('') ? [`NOT EXISTS (SELECT 1 FROM ${table} AS g WHERE g.id = t.id)`] : []),
  ];
  return { text: `(${terms.join(' OR ')})`, values: [...named, ...passed.map(likeOf)] };
}

/** As `data` has it. */
function likeOf(deed: string): string {
  const [name, at, action] = [deed.split(':').slice(0, -2).join(':'), ...deed.split(':').slice(-2)];
  return `%${JSON.stringify({ name, at, action }).replace(/[!%_]/g, '!$&')}%`;
}

/** Rows of a call in the order of its attempts. */
export function* callWork(call: string): SqlWork<readonly LoggedRow[]> {
  const rows = yield {
    text: `SELECT ${LOG_COLUMNS.join(', ')} FROM log WHERE call = ? ORDER BY id LIMIT 500`,
    values: [call],
  };
  return rows.map(loggedRow).sort((one, other) => one.at - other.at || one.attempt - other.attempt);
}
