// A settled call as the worker writes it for the log: one list of values, in the order that `rowsOf` reads them in, with texts
// that repeat as numbers of a table. Rows are made of it in the gatehouse, where time is cheap.
import { sessionOf } from '../../body/session.ts';
import type { AttemptRecord, Call } from '../../contracts/call.ts';
import type { Usage } from '../../contracts/chat.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { Quantities } from '../../contracts/quantities.ts';
import { countedHeaders } from '../../limits/counted-headers.ts';
import { outputRate } from '../output-rate.ts';
import { attemptEnd, overheadMs } from '../overhead.ts';

/** What MessagePack takes. */
export type Packed = string | number | boolean | null | readonly Packed[];

/** Longest text of a client or an upstream that a row repeats, and longest list. */
const MAX_TEXT = 256;
const MAX_LIST = 32;

/** Texts and callers of one segment by the numbers that stand for them. */
export class SegmentTable {
  readonly texts: string[] = [];
  readonly callers: Packed[] = [];
  readonly #texts = new Map<string, number>();
  readonly #callers = new Map<Principal | null, number>();

  text(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const at = this.texts.push(cut(text)) - 1;
    this.#texts.set(text, at);
    return at;
  }

  caller(principal: Principal | null): number {
    const known = this.#callers.get(principal);
    if (known !== undefined) return known;
    const at = this.callers.push(principal === null ? [] : callerOf(principal)) - 1;
    this.#callers.set(principal, at);
    return at;
  }

  clear(): void {
    this.texts.length = 0;
    this.callers.length = 0;
    this.#texts.clear();
    this.#callers.clear();
  }
}

function callerOf(principal: Principal): Packed {
  const { id, name, organization, team, user, customer, project, tags } = principal;
  return [name, id, organization, team, user, customer, project, tags];
}

const cut = (text: string): string => (text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text);
/** Thousandths of a millisecond, whole: they pack small. */
const micros = (ms: number): number => Math.round(ms * 1_000);
const microsOrNull = (at: number, from: number): number | null => (at > 0 ? micros(at - from) : null);

/** @param wall ms since 1970 of the settlement */
export function recordOf(call: Call, wall: number, table: SegmentTable): Packed {
  const { startedAt, settledAt, error } = call;
  const endAt = call.lastByteAt || settledAt;
  const attempts: Packed[] = [];
  for (const attempt of call.attempts) attempts.push(attemptOf(call, attempt, table));
  return [
    call.id,
    wall,
    table.caller(call.principal),
    call.customer === null ? null : cut(call.customer),
    cut(sessionOf(call.head.headers)),
    call.parent,
    table.text(call.operation?.name ?? ''),
    table.text(call.route.dialect),
    table.text(call.route.template),
    table.text(call.facts?.model ?? ''),
    table.text(call.model),
    (call.stream ? 1 : 0) | (call.translated ? 2 : 0),
    call.status || (error?.status ?? 0),
    error === null ? null : error.code,
    error === null ? null : error.errorType,
    call.stop === null ? null : table.text(call.stop),
    microsOrNull(call.firstByteAt, startedAt),
    micros(endAt - startedAt),
    micros(overheadMs(call, endAt)),
    rateOf(call),
    call.cache === null ? null : cacheOf(call.cache),
    call.guardrails === null
      ? null
      : call.guardrails.slice(0, MAX_LIST).map(({ name, at, action }) => [name, at, action]),
    call.rescued,
    listOf(call.dropped),
    listOf(call.adapted),
    call.bytesIn,
    call.bytesOut,
    table.text(call.provider),
    table.text(call.upstreamModel),
    attempts,
    countedOf(call),
  ];
}

/** What budgets counted the call by that nobody could tell of it later; null = nothing. */
function countedOf({ snapshot, head }: Call): Packed {
  const counted = countedHeaders(snapshot.limits, head.headers);
  return counted.length === 0 ? null : counted;
}

function attemptOf(call: Call, attempt: AttemptRecord, table: SegmentTable): Packed {
  return [
    table.text(attempt.provider),
    table.text(attempt.model),
    table.text(attempt.keyAlias),
    attempt.status,
    attempt.errorType === '' ? null : table.text(attempt.errorType),
    micros(attempt.queuedAt),
    micros(attempt.sentAt),
    micros(attempt.headAt),
    micros(attemptEnd(call, attempt, call.settledAt)),
    attempt.usage === null ? null : usageOf(attempt.usage),
    attempt.quantities === null ? null : quantitiesOf(attempt.quantities),
    attempt.costNano,
    attempt.priceVersion === '' ? null : table.text(attempt.priceVersion),
    attempt.estimated,
    micros(attempt.slotAt),
    micros(attempt.connectMs),
    untoldOf(call, attempt),
  ];
}

/** What stands for counts that nobody told, so that a price that is mended later can be put on it; null = all was told. */
function untoldOf(
  { facts }: Call,
  { estimated, costNano, usage, errorType, contentEvents, answerBytes }: AttemptRecord,
): Packed {
  if (!estimated && costNano !== null) return null;
  const whole =
    usage !== null && usage.output !== null && (errorType === '' || usage.output >= contentEvents);
  return [facts?.promptBytes ?? null, whole ? null : contentEvents, answerBytes];
}

function usageOf(usage: Usage): Packed {
  const { input, cacheRead, cacheWriteShort, cacheWriteLong, output, reasoning } = usage;
  const written =
    cacheWriteShort === null && cacheWriteLong === null
      ? null
      : (cacheWriteShort ?? 0) + (cacheWriteLong ?? 0);
  return [
    input,
    cacheRead,
    written,
    output,
    reasoning,
    usage.audioInput ?? null,
    usage.audioOutput ?? null,
    cacheWriteLong,
    usage.tier ?? null,
    usage.factors === undefined || usage.factors.length === 0 ? null : usage.factors,
    usage.requests ?? null,
  ];
}

const quantitiesOf = ({ images, characters, seconds, searches }: Quantities): Packed => [
  images,
  characters,
  seconds,
  searches,
];

const cacheOf = ({ result, type, similarity, savedNano }: NonNullable<Call['cache']>): Packed => [
  result,
  type,
  similarity,
  savedNano,
];

const listOf = (list: readonly string[]): Packed =>
  list.length === 0 ? null : list.slice(0, MAX_LIST).map(cut);

/** In hundredths; null = not to be told. */
function rateOf(call: Call): number | null {
  const rate = outputRate(call);
  return rate === null ? null : Math.round(rate * 100);
}
