// usageMetadata to and from the neutral form (wire.md 7.9): what was thought is counted beside what was said there, and what
// a provider's tools read beside the prompt.
import type { Usage } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { withTier } from '../served-tier.ts';

/** The usage an answer or a chunk tells; null when it tells none. In a stream it is a running total. */
export function readUsage(body: JsonObject): Usage | null {
  const told = objectAt(body, 'usageMetadata');
  const usage = told === null ? null : usageOf(told);
  const searches = usage === null ? 0 : searchesIn(body);
  if (searches > 0) usage!.webSearches = searches;
  return usage;
}

/**
 * @param told `usageMetadata`, also as Live has it, where the answer is called `response` in place of `candidates`.
 * Null: nothing that is counted stands in it.
 */
export function usageOf(told: JsonObject): Usage | null {
  const prompt = countAt(told, 'promptTokenCount');
  const tools = countAt(told, 'toolUsePromptTokenCount');
  const said = countAt(told, 'candidatesTokenCount') ?? countAt(told, 'responseTokenCount');
  const thought = countAt(told, 'thoughtsTokenCount');
  const total = countAt(told, 'totalTokenCount');
  if (prompt === null && said === null && thought === null && total === null) return null;
  const usage: Usage = {
    input: sum(prompt, tools),
    cacheRead: countAt(told, 'cachedContentTokenCount'),
    cacheWriteShort: null,
    cacheWriteLong: null,
    // An answer of which nothing was said leaves the count out.
    output: sum(said, thought) ?? (prompt !== null && total === prompt ? 0 : null),
    reasoning: thought,
  };
  const read = (modality: Modality): number | null =>
    sum(partOf(told, 'promptTokensDetails', modality), partOf(told, 'toolUsePromptTokensDetails', modality));
  const made = (modality: Modality): number | null =>
    partOf(told, 'candidatesTokensDetails', modality) ?? partOf(told, 'responseTokensDetails', modality);
  const audioInput = read('AUDIO');
  const audioOutput = made('AUDIO');
  if (audioInput !== null) usage.audioInput = audioInput;
  if (audioOutput !== null) usage.audioOutput = audioOutput;
  const imageInput = read('IMAGE');
  const imageOutput = made('IMAGE');
  const videoInput = read('VIDEO');
  if (imageInput !== null && imageInput > 0) usage.imageInput = imageInput;
  if (imageOutput !== null && imageOutput > 0) usage.imageOutput = imageOutput;
  if (videoInput !== null && videoInput > 0) usage.videoInput = videoInput;
  return withTier(usage, stringAt(told, 'serviceTier') ?? stringAt(told, 'trafficType'));
}

/** Writes usageMetadata. Clients add up its counts without asking, so the main ones are 0 where nobody told. */
export function writeUsage(usage: Usage): JsonObject {
  const { input, output, cacheRead, reasoning, audioInput, audioOutput } = usage;
  const written: JsonObject = {
    promptTokenCount: input ?? 0,
    candidatesTokenCount: Math.max(0, (output ?? 0) - (reasoning ?? 0)),
    totalTokenCount: (input ?? 0) + Math.max(output ?? 0, reasoning ?? 0),
  };
  if (cacheRead !== null) written['cachedContentTokenCount'] = cacheRead;
  if (reasoning !== null) written['thoughtsTokenCount'] = reasoning;
  if (audioInput != null) written['promptTokensDetails'] = details(input ?? 0, audioInput);
  if (audioOutput != null)
    written['candidatesTokensDetails'] = details((output ?? 0) - (reasoning ?? 0), audioOutput);
  return written;
}

/** A counter that is there and makes sense, else null: the upstream did not say. */
function countAt(object: JsonObject, key: string): number | null {
  const value = numberAt(object, key);
  return value === null || value < 0 ? null : value;
}

function sum(one: number | null, other: number | null): number | null {
  return one === null && other === null ? null : (one ?? 0) + (other ?? 0);
}

/** Models up to the second generation are paid for by the prompt that was grounded, later ones by each search. */
const BY_PROMPT = /gemini-(?:live-)?[12]\b/;

function searchesIn(body: JsonObject): number {
  let searches = 0;
  for (const candidate of arrayAt(body, 'candidates')) {
    if (!isObject(candidate) || candidate['groundingMetadata'] === undefined) continue;
    searches += arrayAt(objectAt(candidate, 'groundingMetadata') ?? {}, 'webSearchQueries').length;
  }
  return billedSearches(stringAt(body, 'modelVersion') ?? '', searches);
}

/** Of the searches that grounded an answer of `model`, how many are paid for. */
export function billedSearches(model: string, searches: number): number {
  return BY_PROMPT.test(model) ? Math.min(searches, 1) : searches;
}

type Modality = 'AUDIO' | 'IMAGE' | 'VIDEO';

/** Google's numbers of them, where a client asked for those in place of names (`alt=json;enum-encoding=int`). */
const NUMBERS: Readonly<Record<Modality, number>> = { IMAGE: 2, VIDEO: 3, AUDIO: 4 };

function partOf(told: JsonObject, key: string, modality: Modality): number | null {
  for (const entry of arrayAt(told, key)) {
    if (!isObject(entry)) continue;
    const named = entry['modality'];
    if (named === modality || named === NUMBERS[modality]) return countAt(entry, 'tokenCount');
  }
  return null;
}

function details(all: number, audio: number): JsonObject[] {
  const text = { modality: 'TEXT', tokenCount: Math.max(0, all - audio) };
  return [text, { modality: 'AUDIO', tokenCount: audio }];
}
