// Which fields of a row are columns that are asked by, and which lie together in `data`.
import type {
  LedgerRow,
  LogFacet,
  LogIdField,
  LoggedRow,
  LogListFacet,
  LogRange,
} from '../../contracts/log-store.ts';
import type { LogRow } from '../../contracts/request-log.ts';
import { isCharged } from '../../observability/requests/cells.ts';
import type { SqlRow, SqlValue } from '../sql-driver.ts';

type Texts = Exclude<LogFacet | LogIdField, 'status' | 'stream' | LogListFacet>;

/** Fields that are texts, by column. */
export const TEXTS: Readonly<Record<Texts, string>> = {
  call: 'call',
  session: 'session',
  parent: 'parent',
  operation: 'operation',
  key: 'key',
  organization: 'organization',
  team: 'team',
  user: 'user_name',
  customer: 'customer',
  project: 'project',
  requestedModel: 'requested',
  model: 'model',
  provider: 'provider',
  upstreamModel: 'upstream',
  keyAlias: 'key_alias',
  outcome: 'outcome',
  errorType: 'error_type',
  owner: 'owner',
  stop: 'stop',
  cache: 'cache',
};

export const RANGE_COLUMNS: Readonly<Record<LogRange, string>> = {
  costNano: 'cost_nano',
  totalMs: 'total_ms',
  ttftMs: 'ttft_ms',
  tokens: 'tokens',
};

const TEXT_FIELDS = Object.keys(TEXTS) as Texts[];

/** Fields beside the columns, in the order they lie in `data`. */
const REST = [
  'dialect',
  'route',
  'keyId',
  'tags',
  'error',
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'cacheWriteLongTokens',
  'outputTokens',
  'reasoningTokens',
  'audioInputTokens',
  'audioOutputTokens',
  'images',
  'characters',
  'seconds',
  'searches',
  'priceVersion',
  'estimated',
  'queueMs',
  'headMs',
  'beganMs',
  'attemptMs',
  'overheadMs',
  'tokensPerSecond',
  'cacheType',
  'similarity',
  'savedNano',
  'guardrails',
  'rescued',
  'translated',
  'dropped',
  'adapted',
  'bytesIn',
  'bytesOut',
  'node',
  'worker',
  'connectMs',
  'tier',
  'factors',
  'promptBytes',
  'answerEvents',
  'answerBytes',
  'requests',
  'savedMs',
  'imageInputTokens',
  'imageOutputTokens',
  'webSearches',
  'searchSize',
  'pages',
  'videoInputTokens',
] as const satisfies readonly (keyof LogRow)[];

export const LOG_COLUMNS: readonly string[] = [
  'id',
  'at',
  'attempt',
  'attempts',
  'final',
  'stream',
  'status',
  'unpriced',
  'cost_nano',
  'total_ms',
  'ttft_ms',
  'tokens',
  ...Object.values(TEXTS),
  'data',
];

export function logValues(id: number, row: LogRow): SqlValue[] {
  return [
    id,
    row.at,
    row.attempt,
    row.attempts,
    row.final ? 1 : 0,
    row.stream ? 1 : 0,
    row.status,
    row.costNano === null && isCharged(row) ? 1 : 0,
    row.costNano,
    row.totalMs,
    row.ttftMs,
    row.inputTokens === null && row.outputTokens === null
      ? null
      : (row.inputTokens ?? 0) + (row.outputTokens ?? 0),
    ...TEXT_FIELDS.map((field) => row[field]),
    JSON.stringify(REST.map((field) => row[field])),
  ];
}

export function loggedRow(row: SqlRow): LoggedRow {
  const fields: Record<string, unknown> = {
    id: Number(row['id']),
    at: Number(row['at']),
    attempt: Number(row['attempt']),
    attempts: Number(row['attempts']),
    final: Number(row['final']) === 1,
    stream: Number(row['stream']) === 1,
    status: Number(row['status']),
    costNano: numberOrNull(row['cost_nano']),
    totalMs: Number(row['total_ms']),
    ttftMs: numberOrNull(row['ttft_ms']),
  };
  for (const field of TEXT_FIELDS) fields[field] = String(row[TEXTS[field]]);
  const rest = JSON.parse(String(row['data'])) as unknown[]; // only written by logValues
  for (const [at, field] of REST.entries()) fields[field] = rest[at] ?? null;
  return fields as unknown as LoggedRow; // every field of it stands in one of the three lists
}

const numberOrNull = (value: unknown): number | null => (value === null ? null : Number(value));

const CHARGE_TEXTS = [
  'call',
  'operation',
  'key',
  'organization',
  'team',
  'user',
  'customer',
  'project',
  'model',
  'provider',
  'upstreamModel',
] as const satisfies readonly Texts[];

/** Fields that charges are asked by. */
export const CHARGE_FIELDS: readonly (LogFacet | LogIdField)[] = [...CHARGE_TEXTS, 'tag'];

const CHARGE_REST = [
  'keyId',
  'tags',
  'estimated',
  'cacheWriteLongTokens',
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
  'audioInputTokens',
  'audioOutputTokens',
  'images',
  'characters',
  'seconds',
  'searches',
  'tier',
  'factors',
  'promptBytes',
  'answerEvents',
  'answerBytes',
  'requests',
  'countedHeaders',
  'imageInputTokens',
  'imageOutputTokens',
  'webSearches',
  'searchSize',
  'pages',
  'videoInputTokens',
] as const satisfies readonly (keyof LogRow)[];

export const LEDGER_COLUMNS: readonly string[] = [
  'id',
  'at',
  'attempt',
  'cost_nano',
  'unpriced',
  'price_version',
  'recalculated_at',
  'corrected_nano',
  'corrected_version',
  'tokens',
  ...CHARGE_TEXTS.map((field) => TEXTS[field]),
  'data',
];

export function ledgerValues(id: number, row: LogRow): SqlValue[] {
  return [
    id,
    row.at,
    row.attempt,
    row.costNano,
    row.costNano === null ? 1 : 0,
    row.priceVersion,
    null,
    null,
    null,
    (row.inputTokens ?? 0) + (row.outputTokens ?? 0),
    ...CHARGE_TEXTS.map((field) => row[field]),
    JSON.stringify(CHARGE_REST.map((field) => row[field])),
  ];
}

/** What a charge comes to: as it was corrected last, else as it was made. */
export const COST_NOW = 'COALESCE(corrected_nano, cost_nano)';

/** Its corrections are to be read by themselves (corrections.ts). */
export function ledgerRow(row: SqlRow): LedgerRow {
  const fields: Record<string, unknown> = {
    id: Number(row['id']),
    at: Number(row['at']),
    attempt: Number(row['attempt']),
    costNano: numberOrNull(row['corrected_nano'] ?? row['cost_nano']),
    priceVersion: String(row['corrected_version'] ?? row['price_version']),
    originalNano: numberOrNull(row['cost_nano']),
    originalVersion: String(row['price_version']),
    recalculatedAt: numberOrNull(row['recalculated_at']),
    corrections: [],
  };
  for (const field of CHARGE_TEXTS) fields[field] = String(row[TEXTS[field]]);
  const rest = JSON.parse(String(row['data'])) as unknown[]; // only written by ledgerValues
  for (const [at, field] of CHARGE_REST.entries()) fields[field] = rest[at] ?? null;
  return fields as unknown as LedgerRow; // as above
}
