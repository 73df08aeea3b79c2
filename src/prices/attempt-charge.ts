// What an attempt cost, once, as it ends: what its answer said it used, else what is known to have been sent and said.
import type { AttemptRecord } from '../contracts/call.ts';
import type { Usage } from '../contracts/chat.ts';
import type { Operation } from '../contracts/operation.ts';
import type { BilledUse, Price, PriceKind, PriceUnit } from '../contracts/price.ts';
import { estimateTokens } from '../tokens/estimate.ts';
import { chargeOf, plainCharge } from './charge.ts';
import { NO_USE } from './no-use.ts';
import { priceNow } from './price-at.ts';

/** Requests that read, or take back, cost nothing anywhere. */
const FREE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/** Of an attempt what it is charged by, and where the charge is said. */
export type ChargedAttempt = Pick<
  AttemptRecord,
  | 'sentAt'
  | 'status'
  | 'errorType'
  | 'usage'
  | 'quantities'
  | 'contentEvents'
  | 'answerBytes'
  | 'costNano'
  | 'priceVersion'
  | 'estimated'
>;

/** Of its call likewise. */
export interface ChargedCall {
  readonly operation: Operation | null;
  readonly facts: { readonly promptBytes: number; readonly characters?: number } | null;
  readonly head: { readonly method: string };
  /** What it begins is charged when that is over. */
  readonly chargedLater?: boolean;
}

/** Whether what a call begins is charged when that is over, and the call itself is not. */
export function isChargedWhenOver({
  operation,
  chargedLater = false,
}: Pick<ChargedCall, 'operation' | 'chargedLater'>): boolean {
  return chargedLater || operation?.chargedByResults === true;
}

/** Whether a vendor bills such a request. */
export function isBilled(operation: Operation, method: string): boolean {
  // A WebSocket begins with a GET, whatever is done on it.
  return operation.billed && (operation.intake === 'socket' || !FREE_METHODS.has(method));
}

/**
 * Says in the record what its attempt cost: 0 where nothing was used, null where what was used has no price.
 * @param answerBytes of a whole answer; 0 of any other, whose content events are counted.
 */
export function chargeAttempt(
  record: ChargedAttempt,
  stated: Price | null,
  call: ChargedCall,
  answerBytes: number,
): void {
  record.estimated = false;
  record.answerBytes = answerBytes;
  record.priceVersion = '';
  record.costNano = 0;
  const { operation, facts, head } = call;
  if (operation === null || isChargedWhenOver(call)) return;
  if (!isBilled(operation, head.method) || !usedAny(record)) return;
  const price = stated === null ? null : priceNow(stated);
  const plain = price === null || !isPlain(record, operation) ? null : plainCost(record, price);
  if (plain !== null) {
    record.costNano = plain;
    record.priceVersion = price!.source;
    return;
  }
  const use = price === null ? null : useOf(record, price, operation, facts, answerBytes);
  record.costNano = use === null ? null : (chargeOf(price!, use)?.nanoUsd ?? null);
  if (use !== null && use.tier !== null && record.costNano === null) {
    // Served in a way that has no known price: at least what it costs as usual, and not nothing.
    record.costNano = chargeOf(price!, { ...use, tier: null })?.nanoUsd ?? null;
    record.estimated = true;
  }
  if (record.costNano !== null) record.priceVersion = price!.source;
}

/** What all attempts of a call cost; null where one of them has no price. */
export function costOfCall(attempts: readonly AttemptRecord[]): number | null {
  let sum = 0;
  for (let at = 0; at < attempts.length; at++) {
    const { costNano } = attempts[at]!;
    if (costNano === null) return null;
    sum += costNano;
  }
  return sum;
}

/** The provider saw it, and did not just refuse. */
function usedAny({ sentAt, status, usage, quantities }: ChargedAttempt): boolean {
  if (sentAt <= 0) return false;
  return usage !== null || quantities !== null || status === 0 || (status >= 200 && status < 300);
}

/** It used tokens and nothing else, in the usual way, and said how many: as most calls do. */
function isPlain({ usage, errorType, contentEvents }: ChargedAttempt, operation: Operation): boolean {
  const { meters } = operation;
  if (usage === null || usage.input === null || usage.output === null) return false;
  // Who counts none may count something else, which no price of tokens is of.
  if (usage.input === 0 && usage.output === 0) return false;
  if (errorType !== '' && usage.output < contentEvents) return false;
  const { requests = 1, tier = null, factors } = usage;
  if (requests !== 1 || tier !== null || (factors !== undefined && factors.length > 0)) return false;
  if (usage.cacheRead || usage.cacheWriteShort || usage.cacheWriteLong || usage.reasoning) return false;
  if (usage.audioInput || usage.audioOutput || usage.imageInput || usage.imageOutput) return false;
  if (usage.webSearches || usage.videoInput) return false;
  return !meters.includes('searches') && !meters.includes('pages') && !makesPictures(operation);
}

function plainCost({ usage }: ChargedAttempt, price: Price): number | null {
  return plainCharge(price, whole(usage!.input!), whole(usage!.output!)); // it is plain: both were told
}

/** Null: nobody said what it used, and it cannot be told from what was sent and said. */
function useOf(
  record: ChargedAttempt,
  price: Price,
  operation: Operation,
  facts: ChargedCall['facts'],
  answerBytes: number,
): BilledUse | null {
  const promptBytes = facts?.promptBytes ?? 0;
  const { usage } = record;
  const told = usage !== null && (usage.input !== null || usage.output !== null) && !isByThePiece(price);
  const others = otherUse(record, price, operation, facts, told);
  if (!told && others.length === 0 && !countsTokens(operation)) return null;
  if (!told && others.length > 0) return { ...NO_USE, others };
  const input = usage?.input ?? estimated(record, estimateTokens(promptBytes));
  return tokenUse(usage, input, outputOf(record, operation, answerBytes), others, makesPictures(operation));
}

/** And nothing else: what its model says is pictures. */
function makesPictures({ name }: Operation): boolean {
  return name === 'image' || name === 'image-form';
}

/** Units of what is told beside tokens, and paid for in place of them. */
const PIECES: ReadonlySet<PriceUnit> = new Set(['second', 'image', 'query', 'page', 'character']);

/** Whoever counts tokens of it, they have no price: it is paid for by the second, the picture, the query alone. */
function isByThePiece({ components }: Price): boolean {
  return (
    components.some(({ unit }) => PIECES.has(unit)) && !components.some(({ unit }) => unit.endsWith('token'))
  );
}

/** Tokens of the answer: of one that was not told whole at least its content events, which is about what they are. */
function outputOf(record: ChargedAttempt, operation: Operation, answerBytes: number): number {
  const { usage, contentEvents, errorType } = record;
  const told = usage?.output ?? null;
  if (told !== null && (errorType === '' || told >= contentEvents)) return told;
  if (operation.answer !== 'deltas') return told ?? 0;
  return estimated(record, contentEvents > 0 ? contentEvents : estimateTokens(answerBytes));
}

function estimated(record: ChargedAttempt, tokens: number): number {
  record.estimated = true;
  return tokens;
}

/** Operations whose prompt is text that is there to be measured. */
function countsTokens({ meters }: Operation): boolean {
  return meters.includes('tokens') && !meters.includes('images');
}

function tokenUse(
  usage: Usage | null,
  input: number,
  output: number,
  others: BilledUse['others'],
  pictures: boolean,
): BilledUse {
  const requests = Math.max(1, whole(usage?.requests ?? 1));
  const most = requests > 1 ? MOST_OF_MANY : MOST_TOKENS;
  // A vendor's fault: parts that are more than the whole.
  let left = whole(input, most);
  const part = (count: number | null | undefined): number => {
    const taken = Math.min(left, whole(count ?? 0, most));
    left -= taken;
    return taken;
  };
  const answer = whole(output, most);
  let saying = answer;
  const saidOf = (count: number | null | undefined): number => {
    const taken = Math.min(saying, whole(count ?? 0, most));
    saying -= taken;
    return taken;
  };
  const reasoning = saidOf(usage?.reasoning);
  const audioOutputTokens = saidOf(usage?.audioOutput);
  // Who makes pictures alone need not say that they are.
  const imageOutputTokens = saidOf(usage?.imageOutput ?? (pictures ? saying : 0));
  return {
    ...NO_USE,
    requests,
    inputTokens: left,
    cacheReadTokens: part(usage?.cacheRead),
    cacheWriteTokens: { '5m': part(usage?.cacheWriteShort), '1h': part(usage?.cacheWriteLong), '12h': 0 },
    audioInputTokens: part(usage?.audioInput),
    imageInputTokens: part(usage?.imageInput),
    videoInputTokens: part(usage?.videoInput),
    outputTokens: answer,
    reasoningTokens: reasoning,
    audioOutputTokens,
    imageOutputTokens,
    others,
    tier: usage?.tier ?? null,
    factors: usage?.factors ?? NO_USE.factors,
  };
}

/** What is priced in another unit than tokens, where the price has that unit. */
function otherUse(
  record: ChargedAttempt,
  price: Price,
  operation: Operation,
  facts: ChargedCall['facts'],
  told: boolean,
): BilledUse['others'] {
  const { quantities } = record;
  const others: BilledUse['others'][number][] = [];
  const add = (kind: PriceKind, unit: PriceUnit, count: number | null, size: string | null = null): void => {
    if (
      count === null ||
      !(count > 0) ||
      !price.components.some((one) => one.kind === kind && one.unit === unit)
    )
      return;
    others.push({
      kind,
      unit,
      count: unit === 'character' ? whole(count) : Math.min(MOST, whole(count)),
      size,
    });
  };
  const { meters, name } = operation;
  if (meters.includes('searches')) add('input', 'query', quantities?.searches ?? 1);
  if (meters.includes('pages')) {
    add('input', 'page', quantities?.pages ?? 1);
    if (others.length > 0) record.estimated = quantities?.pages === undefined;
  }
  const searches = record.usage?.webSearches ?? null;
  // Perplexity's price by the request has them in it.
  const within = price.components.some(({ unit }) => unit === 'request');
  if (searches !== null && !within)
    add('input', 'search', searches, searchSize(price, record.usage?.searchSize));
  if (told) return others;
  add(meters.includes('images') ? 'output' : 'input', 'image', quantities?.images ?? null);
  add(name === 'transcription' ? 'input' : 'output', 'second', quantities?.seconds ?? null);
  // Text said aloud: nobody tells how long it was, and all of it was sent.
  if (name === 'speech') {
    const characters = quantities?.characters ?? facts?.characters ?? null;
    add('input', 'character', characters ?? facts?.promptBytes ?? 0);
    if (others.length > 0) record.estimated = characters === null;
  }
  return others;
}

/** The size that searches were of, where prices tell them apart: nobody says so as a rule, and then it was the usual one. */
function searchSize({ components }: Price, told: string | undefined): string | null {
  const sized = components.some(({ unit, size }) => unit === 'search' && size !== null);
  return sized ? (told ?? 'medium') : null;
}

/** Of pictures, pages, searches and seconds no call has more. */
const MOST = 1e6;

/** Of tokens no call has more; a job of many, which reads gigabytes, may. */
const MOST_TOKENS = 1e9;
const MOST_OF_MANY = 1e10;

/** Counts of vendors are whole and sane, or are none. */
function whole(count: number, most = MOST_TOKENS): number {
  return count > 0 ? Math.min(most, Math.ceil(count)) : 0;
}
