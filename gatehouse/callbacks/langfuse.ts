// Rows to Langfuse by its ingestion API (POST /api/public/ingestion, Basic of a project's key pair): a trace a call, below it a
// generation for each attempt. Ids are those of the log, so that a batch that comes twice is there once.
import type { KeptBody, LoggedRow } from '../../src/contracts/log-store.ts';
import type { LangfuseCallback } from '../../src/contracts/log-receivers.ts';
import type { Outcome } from '../../src/observability/outbox.ts';
import { post } from '../../src/observability/post.ts';
import { RETRYABLE } from './retryable.ts';
import type { ToldCall } from './told-call.ts';

const PATH = '/api/public/ingestion';

export function createLangfuse(
  { url, headers, publicKey, secretKey, timeoutMs }: LangfuseCallback,
  version: string,
): (calls: readonly ToldCall[], id: string) => Promise<Outcome> {
  const authorization = `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
  return (calls) => {
    const batch = calls.flatMap(eventsOf);
    return post({
      url: `${url}${PATH}`,
      headers: {
        'user-agent': `headgate/${version}`,
        'content-type': 'application/json',
        'x-langfuse-sdk-name': 'headgate',
        'x-langfuse-sdk-version': version,
        'x-langfuse-public-key': publicKey,
        ...headers,
        authorization,
      },
      body: Buffer.from(JSON.stringify({ batch, metadata: { sdk_name: 'headgate', sdk_version: version } })),
      timeoutMs,
      retryable: RETRYABLE,
      // 207: it says of each event whether it took it.
      read: async (answer) => {
        const errors = errorsOf(await answer.json().catch(() => null));
        const later = errors.find(({ status }) => RETRYABLE.has(status));
        // What it took already has the same ids when it comes again.
        if (later !== undefined)
          return { kind: 'later', reason: `status ${later.status} of an event`, afterMs: 0 };
        return { kind: 'taken', lost: errors.length };
      },
    });
  };
}

function errorsOf(answer: unknown): { status: number }[] {
  if (typeof answer !== 'object' || answer === null || !('errors' in answer)) return [];
  const { errors } = answer;
  if (!Array.isArray(errors)) return [];
  return errors.map((error: unknown) => ({
    status:
      typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
        ? error.status
        : 0,
  }));
}

export function eventsOf({ rows, end, bodies }: ToldCall): object[] {
  const began = end.at - end.totalMs;
  const time = (ms: number): string => new Date(ms).toISOString();
  const traceId = end.parent === '' ? end.call : end.parent;
  const [input, output] = (['request', 'answer'] as const).map((kind) => contentOf(bodies, kind));
  const events: object[] = [];
  // A call that the gateway made for another one is part of that one's trace.
  if (end.parent === '')
    events.push({
      id: `${end.call}-trace`,
      type: 'trace-create',
      timestamp: time(end.at),
      body: {
        id: traceId,
        timestamp: time(began),
        name: end.operation,
        userId: end.customer || end.user || undefined,
        sessionId: end.session || undefined,
        tags: end.tags,
        input,
        output,
        metadata: traceFacts(end),
      },
    });
  for (const row of rows) {
    const startedAt = began + row.beganMs;
    events.push({
      id: `${row.call}-${row.attempt}`,
      type: 'generation-create',
      timestamp: time(end.at),
      body: {
        id: `${row.call}-${row.attempt}`,
        traceId,
        name: `${row.operation} ${row.model}`,
        startTime: time(startedAt),
        endTime: time(row.attempt === 0 ? end.at : startedAt + row.attemptMs),
        completionStartTime: row.final && row.ttftMs !== null ? time(began + row.ttftMs) : undefined,
        model: row.upstreamModel || row.model,
        usageDetails: usageOf(row),
        costDetails: row.costNano === null ? undefined : { total: row.costNano / 1e9 },
        level: row.outcome === 'error' ? 'ERROR' : row.outcome === 'cancelled' ? 'WARNING' : 'DEFAULT',
        statusMessage: row.errorType || undefined,
        input: row.final ? input : undefined,
        output: row.final ? output : undefined,
        metadata: attemptFacts(row),
      },
    });
  }
  return events;
}

/** Langfuse adds its kinds up: what is part of another is taken out of it. */
function usageOf(row: LoggedRow): Record<string, number> | undefined {
  const { inputTokens, outputTokens } = row;
  if (inputTokens === null && outputTokens === null) return undefined;
  const [read, written, reasoning] = [
    row.cacheReadTokens ?? 0,
    row.cacheWriteTokens ?? 0,
    row.reasoningTokens ?? 0,
  ];
  const parts = {
    input: Math.max(0, (inputTokens ?? 0) - read - written),
    input_cached_tokens: read,
    input_cache_creation: written,
    output: Math.max(0, (outputTokens ?? 0) - reasoning),
    output_reasoning_tokens: reasoning,
  };
  const told = Object.entries(parts).filter(([name, count]) => count > 0 || !name.includes('_'));
  return { ...Object.fromEntries(told), total: (inputTokens ?? 0) + (outputTokens ?? 0) };
}

function contentOf(bodies: readonly KeptBody[], kind: KeptBody['kind']): unknown {
  const body = bodies.find((one) => one.kind === kind);
  if (body === undefined) return undefined;
  if (body.encoding !== 'utf8') return `${body.bytes} bytes`;
  try {
    return JSON.parse(body.text);
  } catch {
    return body.text;
  }
}

const traceFacts = (row: LoggedRow): object => ({
  key: row.key,
  team: row.team,
  organization: row.organization,
  project: row.project,
  user: row.user,
  customer: row.customer,
  route: row.route,
  requestedModel: row.requestedModel,
  status: row.status,
  error: row.error,
  cache: row.cache,
  overheadMs: row.overheadMs,
  node: row.node,
});

const attemptFacts = (row: LoggedRow): object => ({
  attempt: row.attempt,
  attempts: row.attempts,
  provider: row.provider,
  providerKey: row.keyAlias,
  status: row.status,
  queueMs: row.queueMs,
  connectMs: row.connectMs,
  stop: row.stop,
  priceVersion: row.priceVersion,
  estimated: row.estimated,
});
