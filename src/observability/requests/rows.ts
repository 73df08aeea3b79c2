// Rows of the log out of what workers wrote: the other half of record.ts.
import type { GuardrailOutcome } from '../../contracts/outcomes.ts';
import {
  type CountedHeaders,
  type LoggedUse,
  type LogRow,
  outcomeOf,
  ownerOf,
} from '../../contracts/request-log.ts';
import type { Packed } from './record.ts';

/** What stands at the head of a segment. */
export interface SegmentHead {
  readonly node: string;
  readonly worker: number;
  readonly texts: readonly string[];
  readonly callers: readonly Packed[];
}

type List = readonly Packed[];

const NOTHING_USED: LoggedUse = {
  inputTokens: null,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  cacheWriteLongTokens: null,
  outputTokens: null,
  reasoningTokens: null,
  audioInputTokens: null,
  audioOutputTokens: null,
  images: null,
  characters: null,
  seconds: null,
  searches: null,
  imageInputTokens: null,
  videoInputTokens: null,
  imageOutputTokens: null,
  webSearches: null,
  searchSize: null,
  pages: null,
  tier: null,
  factors: null,
  requests: null,
  promptBytes: null,
  answerEvents: null,
  answerBytes: null,
};

/** Rows of one call, in the order of its attempts; one of them is final. @throws TypeError when it is no record of ours */
export function rowsOf(record: Packed, head: SegmentHead): LogRow[] {
  const values = listOf(record);
  const attempts = listOf(values[29] ?? null);
  const shared = sharedOf(values, head);
  const ends = { ...endOf(values), stop: textAt(head, values[15]) };
  if (attempts.length === 0) {
    const provider = {
      provider: textAt(head, values[27]),
      upstreamModel: textAt(head, values[28]),
      keyAlias: '',
    };
    return [
      {
        ...shared,
        ...provider,
        ...NOTHING_USED,
        ...ends,
        attempt: 0,
        attempts: 0,
        final: true,
        costNano: null,
        priceVersion: '',
        estimated: false,
        queueMs: 0,
        connectMs: null,
        headMs: null,
        beganMs: 0,
        attemptMs: ends.totalMs,
      },
    ];
  }
  const made = attempts.map((one) => attemptOf(listOf(one), head));
  // Of several at the same time the one that answered need not be the last.
  const served = made.findLastIndex(({ errorType }) => errorType === '');
  const last = served === -1 ? made.length - 1 : served;
  return made.map((attempt, index) => {
    const final = index === last;
    const { errorType } = attempt;
    const own = final
      ? ends
      : {
          ...UNFINISHED,
          status: attempt.status,
          errorType,
          outcome: outcomeOf(errorType),
          owner: ownerOf(errorType),
        };
    return { ...shared, ...attempt, ...own, attempt: index + 1, attempts: attempts.length, final };
  });
}

function sharedOf(values: List, head: SegmentHead) {
  const [name, id, organization, team, user, customer, project, tags] = listOf(
    head.callers[Number(values[2])] ?? null,
  );
  const flags = Number(values[11]);
  const counted = listOf(values[30]).map((one) => listOf(one).map(text));
  return {
    call: text(values[0]),
    at: Number(values[1]),
    session: text(values[4]),
    parent: text(values[5]),
    operation: textAt(head, values[6]),
    dialect: textAt(head, values[7]),
    route: textAt(head, values[8]),
    key: text(name),
    keyId: text(id),
    organization: text(organization),
    team: text(team),
    user: text(user),
    customer: text(values[3] ?? customer),
    project: text(project),
    tags: listOf(tags ?? null).map(text),
    // Only written as pairs.
    ...(counted.length === 0 ? {} : { countedHeaders: counted as unknown as CountedHeaders }),
    requestedModel: textAt(head, values[9]),
    model: textAt(head, values[10]),
    stream: (flags & 1) !== 0,
    translated: (flags & 2) !== 0,
    node: head.node,
    worker: head.worker,
  };
}

/** What a row says of its call's end where another one is the last. */
const UNFINISHED = {
  error: '',
  stop: '',
  ttftMs: null,
  totalMs: 0,
  overheadMs: 0,
  tokensPerSecond: null,
  cache: '',
  cacheType: '',
  similarity: null,
  savedNano: null,
  savedMs: null,
  guardrails: [],
  rescued: '',
  dropped: [],
  adapted: [],
  bytesIn: 0,
  bytesOut: 0,
} as const;

function endOf(values: List) {
  const [result, type, similarity, savedNano, savedMs] = listOf(values[20] ?? null);
  const errorType = text(values[14]);
  return {
    status: Number(values[12]),
    error: text(values[13]),
    errorType,
    outcome: outcomeOf(errorType),
    owner: ownerOf(errorType),
    ttftMs: msOf(values[16]),
    totalMs: msOf(values[17]) ?? 0,
    overheadMs: msOf(values[18]) ?? 0,
    tokensPerSecond: numberOf(values[19], 100),
    cache: text(result) as LogRow['cache'], // only written from one
    cacheType: text(type),
    similarity: numberOf(similarity),
    savedNano: numberOf(savedNano),
    savedMs: numberOf(savedMs),
    guardrails: listOf(values[21] ?? null).map((one) => {
      const [name, at, action] = listOf(one);
      return { name: text(name), at, action } as GuardrailOutcome; // only written from one
    }),
    rescued: text(values[22]),
    dropped: listOf(values[23] ?? null).map(text),
    adapted: listOf(values[24] ?? null).map(text),
    bytesIn: Number(values[25]),
    bytesOut: Number(values[26]),
  };
}

function attemptOf(values: List, head: SegmentHead) {
  const ms = (at: number): number => msOf(values[at]) ?? 0;
  const [queued, sent, first, end] = [ms(5), ms(6), ms(7), ms(8)];
  const [slot, connect] = [ms(14), ms(15)];
  // One that was never sent waited until it ended: for a place, or with a place for a connection.
  const waited = Math.max(0, (sent > 0 ? sent : end) - queued);
  const connectMs = sent > 0 ? connect : slot > 0 ? Math.max(0, end - slot) : 0;
  return {
    provider: textAt(head, values[0]),
    upstreamModel: textAt(head, values[1]),
    keyAlias: textAt(head, values[2]),
    status: Number(values[3]),
    errorType: textAt(head, values[4]),
    beganMs: queued,
    queueMs: Math.max(0, waited - connectMs),
    connectMs: connectMs > 0 ? connectMs : null,
    headMs: first > 0 && sent > 0 ? Math.max(0, first - sent) : null,
    attemptMs: Math.max(0, end - queued),
    ...usedOf(values[9] ?? null, values[10] ?? null, values[16] ?? null),
    costNano: countOf(values[11]),
    priceVersion: textAt(head, values[12]),
    estimated: values[13] === true,
  };
}

function usedOf(usage: Packed, quantities: Packed, untold: Packed): LoggedUse {
  const [
    input,
    cacheRead,
    cacheWrite,
    output,
    reasoning,
    audioInput,
    audioOutput,
    cacheWriteLong,
    tier,
    factors,
    requests,
    imageInput,
    imageOutput,
    webSearches,
    searchSize,
    videoInput,
  ] = listOf(usage);
  const [promptBytes, answerEvents, answerBytes] = listOf(untold);
  const [images, characters, seconds, searches, pages] = listOf(quantities);
  return {
    inputTokens: countOf(input),
    cacheReadTokens: countOf(cacheRead),
    cacheWriteTokens: countOf(cacheWrite),
    cacheWriteLongTokens: countOf(cacheWriteLong),
    outputTokens: countOf(output),
    reasoningTokens: countOf(reasoning),
    audioInputTokens: countOf(audioInput),
    audioOutputTokens: countOf(audioOutput),
    images: numberOf(images),
    characters: numberOf(characters),
    seconds: numberOf(seconds),
    searches: numberOf(searches),
    imageInputTokens: countOf(imageInput),
    imageOutputTokens: countOf(imageOutput),
    videoInputTokens: countOf(videoInput),
    webSearches: numberOf(webSearches),
    searchSize: textOrNull(searchSize),
    pages: numberOf(pages),
    tier: textOrNull(tier),
    factors: factors === null || factors === undefined ? null : listOf(factors).map(text),
    requests: countOf(requests),
    promptBytes: numberOf(promptBytes),
    answerEvents: numberOf(answerEvents),
    answerBytes: numberOf(answerBytes),
  };
}

function listOf(value: Packed | undefined): List {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) throw new TypeError('no record of a call');
  return value;
}

/** No database keeps a NUL or half a character; all else stays as it came. */
const text = (value: Packed | undefined): string =>
  value === null || value === undefined ? '' : String(value).replaceAll('\0', '\uFFFD').toWellFormed();
const textOrNull = (value: Packed | undefined): string | null =>
  value === null || value === undefined ? null : text(value);
const textAt = ({ texts }: SegmentHead, at: Packed | undefined): string =>
  at === null || at === undefined ? '' : text(texts[Number(at)]);
/** Vendors tell what they like, and a column of whole numbers takes nothing else: one such row would hold up all behind it. */
const MOST_COUNTED = 1e15;
const countOf = (value: Packed | undefined): number | null => {
  const count = numberOf(value);
  return count === null ? null : count > 0 ? Math.min(MOST_COUNTED, Math.ceil(count)) : 0;
};
const numberOf = (value: Packed | undefined, parts = 1): number | null =>
  value === null || value === undefined ? null : Number(value) / parts;
const msOf = (value: Packed | undefined): number | null => numberOf(value, 1_000);
