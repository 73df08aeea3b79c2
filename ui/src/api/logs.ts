// Rows of the request log as the API tells them (docs/api-logs.md).
import type { Owner } from './stats.ts';

export interface LogRow {
  readonly id: number;
  readonly call: string;
  readonly attempt: number;
  readonly attempts: number;
  readonly final: boolean;
  readonly at: number;
  readonly session: string;
  readonly parent: string;
  readonly operation: string;
  readonly dialect: string;
  readonly route: string;
  readonly key: string;
  readonly keyId: string;
  readonly organization: string;
  readonly team: string;
  readonly user: string;
  readonly customer: string;
  readonly project: string;
  readonly tags: readonly string[];
  readonly requestedModel: string;
  readonly model: string;
  readonly provider: string;
  readonly upstreamModel: string;
  readonly keyAlias: string;
  readonly stream: boolean;
  readonly status: number;
  readonly outcome: 'ok' | 'error' | 'cancelled';
  readonly error: string;
  readonly errorType: string;
  readonly owner: Owner | '';
  readonly stop: string;
  readonly inputTokens: number | null;
  readonly cacheReadTokens: number | null;
  readonly cacheWriteTokens: number | null;
  readonly outputTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly audioInputTokens: number | null;
  readonly audioOutputTokens: number | null;
  readonly images: number | null;
  readonly characters: number | null;
  readonly seconds: number | null;
  readonly searches: number | null;
  readonly imageInputTokens?: number | null;
  readonly imageOutputTokens?: number | null;
  readonly videoInputTokens?: number | null;
  readonly webSearches?: number | null;
  readonly pages?: number | null;
  readonly costNano: number | null;
  readonly priceVersion: string;
  readonly beganMs: number | null;
  readonly queueMs: number | null;
  readonly connectMs?: number | null;
  readonly headMs: number | null;
  readonly attemptMs: number | null;
  readonly ttftMs: number | null;
  readonly totalMs: number | null;
  readonly overheadMs: number | null;
  readonly tokensPerSecond: number | null;
  readonly cache: string;
  readonly cacheType: string;
  readonly similarity: number | null;
  readonly savedNano: number | null;
  readonly savedMs: number | null;
  readonly guardrails: readonly { readonly name: string; readonly at: string; readonly action: string }[];
  readonly rescued: string;
  readonly translated: boolean;
  readonly dropped: readonly string[];
  readonly adapted: readonly string[];
  readonly bytesIn: number | null;
  readonly bytesOut: number | null;
  readonly node: string;
  readonly worker: number;
}

export interface FacetValue {
  readonly value: string;
  readonly count: number;
}

export interface LogPage {
  readonly rows: readonly LogRow[];
  readonly next: string | null;
  readonly total?: number | null;
  readonly facets?: Readonly<Record<string, readonly FacetValue[]>>;
}

export interface Charge {
  readonly attempt: number;
  readonly provider: string;
  readonly upstreamModel: string;
  readonly costNano: number | null;
  readonly priceVersion: string;
  readonly recalculatedAt: number | null;
}

export interface KeptBody {
  readonly kind: 'request' | 'answer';
  readonly bytes: number;
  readonly truncated: boolean;
  readonly encoding: 'utf8' | 'base64';
  readonly text: string;
}

export interface WholeCall {
  readonly call: LogRow;
  readonly attempts: readonly LogRow[];
  readonly charges?: readonly Charge[];
  readonly children?: readonly LogRow[];
  readonly bodies?: readonly KeptBody[];
}

/** Fields whose values are offered with counts, in the order they are shown. */
export const FACETS = [
  ['outcome', 'Outcome'],
  ['owner', 'Whose error'],
  ['errorType', 'Kind of error'],
  ['model', 'Model'],
  ['provider', 'Provider'],
  ['key', 'Key'],
  ['team', 'Team'],
  ['user', 'User'],
  ['customer', 'Customer'],
  ['organization', 'Organization'],
  ['project', 'Project'],
  ['operation', 'Operation'],
  ['status', 'Status'],
  ['stop', 'Stop reason'],
  ['cache', 'Cache'],
  ['stream', 'Streamed'],
  ['tag', 'Tag'],
  ['guardrail', 'Guardrail'],
] as const;

/** Filters that are no facet: one value each. */
export const OTHER_FILTERS = [
  'call',
  'session',
  'parent',
  'requestedModel',
  'upstreamModel',
  'keyAlias',
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

/** What of the address is a filter of the log. */
export function filtersIn(params: URLSearchParams): Record<string, string> {
  const names: readonly string[] = [...FACETS.map(([name]) => name), ...OTHER_FILTERS];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = params.get(name);
      // An empty value asks for rows that have none.
      return value === null ? [] : [[name, value]];
    }),
  );
}
