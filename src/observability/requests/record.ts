// A settled call as the worker writes it for the log: one list of values, in the order that `rowsOf` reads them in, with texts
// that repeat as numbers of a table. Rows are made of it in the gatehouse, where time is cheap. Each `pack…` packs one value.
import { sessionOf } from '../../body/session.ts';
import { type AttemptRecord, type Call, NONE } from '../../contracts/call.ts';
import type { Usage } from '../../contracts/chat.ts';
import type { Principal } from '../../contracts/principal.ts';
import { NO_QUANTITIES, type Quantities } from '../../contracts/quantities.ts';
import { countedHeaders } from '../../limits/counted-headers.ts';
import { outputRate } from '../output-rate.ts';
import { attemptEnd, overheadMs } from '../overhead.ts';
import { savedMs } from '../saved-time.ts';
import type { Packer } from './packer.ts';

/** What MessagePack takes. */
export type Packed = string | number | boolean | null | readonly Packed[];

/** Longest text of a client or an upstream that a row repeats, and longest list. */
const MAX_TEXT = 256;
const MAX_LIST = 32;

/** Values of a call, and of an attempt, that are texts of the table. */
const TEXT_PLACES = 13;

/** Texts and callers of one segment by the numbers that stand for them. */
export class SegmentTable {
  readonly texts: string[] = [];
  readonly callers: Packed[] = [];
  readonly #texts = new Map<string, number>();
  readonly #callers = new Map<Principal | null, number>();
  readonly #lastTexts: (string | null)[] = new Array<null>(TEXT_PLACES).fill(null);
  readonly #lastNumbers: number[] = new Array<number>(TEXT_PLACES).fill(0);

  /** @param place of the value in its record: most calls have the same there as the one before, and no map is asked then */
  text(text: string, place: number): number {
    if (this.#lastTexts[place] === text) return this.#lastNumbers[place]!;
    const number = this.#number(text);
    this.#lastTexts[place] = text;
    this.#lastNumbers[place] = number;
    return number;
  }

  #number(text: string): number {
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
    this.#lastTexts.fill(null);
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

/** Values of a call, of an attempt and of a usage, as they follow below. */
const CALL_VALUES = 31;
const ATTEMPT_VALUES = 17;
const USAGE_VALUES = 11;
/** Of a usage that few answers tell: behind the others, and only in records of those. */
const USAGE_OF_SOME = 5;

/** @param wall ms since 1970 of the settlement */
export function packCall(into: Packer, call: Call, wall: number, table: SegmentTable): void {
  const { startedAt, settledAt, error } = call;
  const endAt = call.lastByteAt || settledAt;
  into.list(CALL_VALUES);
  into.text(call.id);
  into.number(wall);
  into.number(table.caller(call.principal));
  into.text(call.customer === null ? null : cut(call.customer));
  into.text(cut(sessionOf(call.head.headers)));
  into.text(call.parent);
  into.number(table.text(call.operation?.name ?? '', 0));
  into.number(table.text(call.route.dialect, 1));
  into.number(table.text(call.route.template, 2));
  into.number(table.text(call.facts?.model ?? '', 3));
  into.number(table.text(call.model, 4));
  into.number((call.stream ? 1 : 0) | (call.translated ? 2 : 0));
  into.number(call.status || (error?.status ?? 0));
  into.text(error === null ? null : error.code);
  into.text(error === null ? null : error.errorType);
  into.number(call.stop === null ? null : table.text(call.stop, 5));
  into.number(microsOrNull(call.firstByteAt, startedAt));
  into.number(micros(endAt - startedAt));
  into.number(micros(overheadMs(call, endAt)));
  into.number(rateOf(call));
  packCache(into, call);
  packGuardrails(into, call.guardrails);
  into.text(call.rescued);
  packTexts(into, call.dropped);
  packTexts(into, call.adapted);
  into.number(call.bytesIn);
  into.number(call.bytesOut);
  into.number(table.text(call.provider, 6));
  into.number(table.text(call.upstreamModel, 7));
  into.list(call.attempts.length);
  for (const attempt of call.attempts) packAttempt(into, call, attempt, table);
  packCounted(into, call);
}

/** What budgets counted the call by that nobody could tell of it later; null = nothing. */
function packCounted(into: Packer, { snapshot, head }: Call): void {
  const counted = countedHeaders(snapshot.limits, head.headers);
  if (counted.length === 0) {
    into.nothing();
    return;
  }
  into.list(counted.length);
  for (const pair of counted) packAll(into, pair);
}

function packAttempt(into: Packer, call: Call, attempt: AttemptRecord, table: SegmentTable): void {
  into.list(ATTEMPT_VALUES);
  into.number(table.text(attempt.provider, 8));
  into.number(table.text(attempt.model, 9));
  into.number(table.text(attempt.keyAlias, 10));
  into.number(attempt.status);
  into.number(attempt.errorType === '' ? null : table.text(attempt.errorType, 11));
  into.number(micros(attempt.queuedAt));
  into.number(micros(attempt.sentAt));
  into.number(micros(attempt.headAt));
  into.number(micros(attemptEnd(call, attempt, call.settledAt)));
  packUsage(into, attempt.usage);
  packQuantities(into, quantitiesOf(call, attempt));
  into.number(attempt.costNano);
  into.number(attempt.priceVersion === '' ? null : table.text(attempt.priceVersion, 12));
  into.flag(attempt.estimated);
  into.number(micros(attempt.slotAt));
  into.number(micros(attempt.connectMs));
  packUntold(into, call, attempt);
}

/** What stands for counts that nobody told, so that a price that is mended later can be put on it; null = all was told. */
function packUntold(
  into: Packer,
  { facts }: Call,
  { estimated, costNano, usage, errorType, contentEvents, answerBytes }: AttemptRecord,
): void {
  if (!estimated && costNano !== null) {
    into.nothing();
    return;
  }
  const whole =
    usage !== null && usage.output !== null && (errorType === '' || usage.output >= contentEvents);
  into.list(3);
  into.number(facts?.promptBytes ?? null);
  into.number(whole ? null : contentEvents);
  into.number(answerBytes);
}

function packUsage(into: Packer, usage: Usage | null): void {
  if (usage === null) {
    into.nothing();
    return;
  }
  const { input, cacheRead, cacheWriteShort, cacheWriteLong, output, reasoning } = usage;
  const written =
    cacheWriteShort === null && cacheWriteLong === null
      ? null
      : (cacheWriteShort ?? 0) + (cacheWriteLong ?? 0);
  const { imageInput = null, imageOutput = null, webSearches = null, videoInput = null } = usage;
  const more = (imageInput ?? imageOutput ?? webSearches ?? videoInput) !== null;
  into.list(more ? USAGE_VALUES + USAGE_OF_SOME : USAGE_VALUES);
  into.number(input);
  into.number(cacheRead);
  into.number(written);
  into.number(output);
  into.number(reasoning);
  into.number(usage.audioInput ?? null);
  into.number(usage.audioOutput ?? null);
  into.number(cacheWriteLong);
  into.text(usage.tier ?? null);
  packAll(into, usage.factors ?? NONE);
  into.number(usage.requests ?? null);
  if (!more) return;
  into.number(imageInput);
  into.number(imageOutput);
  into.number(webSearches);
  into.text(usage.searchSize === undefined ? null : cut(usage.searchSize));
  into.number(videoInput);
}

/** Text that was said aloud is charged by its characters, which the request tells and no answer does. */
function quantitiesOf({ facts }: Call, { quantities, costNano }: AttemptRecord): Quantities | null {
  const characters = facts?.characters ?? null;
  if (characters === null || costNano === 0) return quantities;
  return { ...(quantities ?? NO_QUANTITIES), characters: quantities?.characters ?? characters };
}

function packQuantities(into: Packer, quantities: Quantities | null): void {
  if (quantities === null) {
    into.nothing();
    return;
  }
  const { images, characters, seconds, searches, pages } = quantities;
  into.list(pages === undefined ? 4 : 5);
  into.number(images);
  into.number(characters);
  into.number(seconds);
  into.number(searches);
  if (pages !== undefined) into.number(pages);
}

function packCache(into: Packer, call: Call): void {
  const { cache } = call;
  if (cache === null) {
    into.nothing();
    return;
  }
  into.list(5);
  into.text(cache.result);
  into.text(cache.type);
  into.number(cache.similarity);
  into.number(cache.savedNano);
  into.number(savedMs(call));
}

function packGuardrails(into: Packer, guardrails: Call['guardrails']): void {
  if (guardrails === null) {
    into.nothing();
    return;
  }
  const some = guardrails.slice(0, MAX_LIST);
  into.list(some.length);
  for (const { name, at, action } of some) {
    into.list(3);
    into.text(name);
    into.text(at);
    into.text(action);
  }
}

/** As a row repeats them: no more than so many, and none longer. */
function packTexts(into: Packer, texts: readonly string[]): void {
  packAll(into, texts.length <= MAX_LIST ? texts : texts.slice(0, MAX_LIST), MAX_TEXT);
}

/** None is null. */
function packAll(into: Packer, texts: readonly string[], most = Number.POSITIVE_INFINITY): void {
  if (texts.length === 0) {
    into.nothing();
    return;
  }
  into.list(texts.length);
  for (const text of texts) into.text(text.length > most ? text.slice(0, most) : text);
}

/** In hundredths; null = not to be told. */
function rateOf(call: Call): number | null {
  const rate = outputRate(call);
  return rate === null ? null : Math.round(rate * 100);
}
