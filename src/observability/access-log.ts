// One line per request from an allow-list of facts: who asked, what was tried, how it ended, where the time went.
// Never a body, a key, a query or a raw path; strings a client chose are cut short and redacted by the logger.
import type { AttemptRecord, Call } from '../contracts/call.ts';
import type { Usage } from '../contracts/chat.ts';
import type { CacheOutcome } from '../contracts/outcomes.ts';
import type { Quantities } from '../contracts/quantities.ts';
import type { Log } from './log.ts';
import { attemptEnd, overheadMs, queuedMs } from './overhead.ts';
import { savedMs } from './saved-time.ts';

export interface AccessLog {
  write(call: Call): void;
}

/** Longest text of a client or upstream that a line repeats, and longest list. */
const MAX_TEXT = 128;
const MAX_LIST = 16;

/** Makes the access log. When access lines are off, make none (call-observer.ts takes null). */
export function createAccessLog(log: Pick<Log, 'info'>): AccessLog {
  return {
    write: (call) => log.info(accessFields(call), 'request'),
  };
}

/** The line's fields; absent ones are left out. */
export function accessFields(call: Call): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    id: call.id,
    route: call.route.template,
    method: call.head.method.slice(0, 16),
    status: call.status || (call.error?.status ?? 0),
    dialect: call.route.dialect,
  };
  if (call.principal !== null) fields['client'] = call.principal.name;
  if (call.model !== '') fields['model'] = text(call.model);
  if (call.provider !== '') fields['provider'] = call.provider;
  if (call.upstreamModel !== '') fields['upstreamModel'] = text(call.upstreamModel);
  if (call.answerModel !== null) fields['answerModel'] = text(call.answerModel);
  if (call.facts !== null) {
    fields['stream'] = call.stream;
    fields['translated'] = call.translated;
  }
  if (call.attempts.length > 0)
    fields['attempts'] = call.attempts.slice(0, MAX_LIST).map((attempt) => attemptFields(call, attempt));
  if (call.usage !== null) fields['usage'] = told(call.usage);
  if (call.quantities !== null) fields['quantities'] = told(call.quantities);
  if (call.costNano !== null) fields['costUsd'] = call.costNano / 1e9;
  if (call.cache !== null) addCache(fields, call, call.cache);
  if (call.stop !== null) fields['stop'] = text(call.stop);
  if (call.error !== null) {
    fields['error'] = call.error.code;
    fields['errorType'] = call.error.errorType;
  }
  if (call.dropped.length > 0) fields['dropped'] = call.dropped.slice(0, MAX_LIST).map(text);
  if (call.shared !== '') fields['shared'] = call.shared;
  if (call.rescued !== '') fields['rescued'] = call.rescued;
  if (call.adapted.length > 0) fields['adapted'] = call.adapted.slice(0, MAX_LIST).map(text);
  if (call.chunks > 0) fields['chunks'] = call.chunks;
  fields['bytesIn'] = call.bytesIn;
  fields['bytesOut'] = call.bytesOut;
  fields['timing'] = timing(call);
  return fields;
}

const text = (value: string): string => (value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value);

/** Hundredths of a millisecond are as fine as a reader needs. */
const ms = (value: number): number => Math.round(value * 100) / 100;

function attemptFields(call: Call, attempt: AttemptRecord): Record<string, unknown> {
  const fields: Record<string, unknown> = {
    provider: attempt.provider,
    model: text(attempt.model),
    key: attempt.keyAlias,
    status: attempt.status,
  };
  if (attempt.errorType !== '') fields['error'] = attempt.errorType;
  fields['queuedMs'] = ms(attempt.queuedAt);
  fields['sentMs'] = ms(attempt.sentAt);
  fields['headMs'] = ms(attempt.headAt);
  fields['endMs'] = ms(attemptEnd(call, attempt, call.settledAt));
  return fields;
}

function addCache(
  fields: Record<string, unknown>,
  call: Call,
  { result, type, savedNano }: CacheOutcome,
): void {
  fields['cache'] = result;
  fields['cacheType'] = type;
  if (savedNano !== null) fields['savedUsd'] = savedNano / 1e9;
  const saved = savedMs(call);
  if (saved !== null) fields['savedMs'] = saved;
}

function told(counts: Usage | Quantities): Record<string, number> {
  const fields: Record<string, number> = {};
  for (const [kind, count] of Object.entries(counts)) if (count !== null) fields[kind] = count;
  return fields;
}

/** Phases in ms; body to firstByte are points since the start, the rest are lengths. */
function timing(call: Call): Record<string, number> {
  const since = (at: number): number => ms(at - call.startedAt);
  const endAt = call.lastByteAt || call.settledAt;
  const fields: Record<string, number> = {};
  if (call.bodyAt > 0) fields['body'] = since(call.bodyAt);
  if (call.inspectedAt > 0) fields['inspect'] = since(call.inspectedAt);
  if (call.attempts.length > 0) fields['queue'] = ms(queuedMs(call, endAt));
  const head = call.attempts.at(-1)?.headAt ?? 0;
  if (head > 0) fields['upstreamHead'] = ms(head);
  if (call.firstByteAt > 0) fields['firstByte'] = since(call.firstByteAt);
  fields['total'] = since(endAt);
  fields['overheadUs'] = Math.round(overheadMs(call, endAt) * 1000);
  return fields;
}
