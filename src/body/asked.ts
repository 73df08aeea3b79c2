// What a request states of how it is to be answered, as its dialect writes it, for spans: read of calls that are recorded alone.
import type { BodyFacts } from '../contracts/body.ts';
import type { AskedParameters } from '../contracts/trace.ts';
import { PER_MEMBER } from './member-edits.ts';

type Numbers = Exclude<keyof AskedParameters, 'stops' | 'json'>;

/** Of all dialects, the nested ones of Gemini and Bedrock as well; Cohere has the two short ones. */
const NUMBERS: ReadonlyMap<string, Numbers> = new Map([
  ['temperature', 'temperature'],
  ['top_p', 'topP'],
  ['topP', 'topP'],
  ['p', 'topP'],
  ['top_k', 'topK'],
  ['topK', 'topK'],
  ['k', 'topK'],
  ['frequency_penalty', 'frequencyPenalty'],
  ['frequencyPenalty', 'frequencyPenalty'],
  ['presence_penalty', 'presencePenalty'],
  ['presencePenalty', 'presencePenalty'],
  ['seed', 'seed'],
  ['n', 'choices'],
  ['candidateCount', 'choices'],
]);
const STOPS = new Set(['stop', 'stop_sequences', 'stopSequences']);
const NESTED = new Set(['generationConfig', 'generation_config', 'inferenceConfig', 'text', 'output_config']);
const FORMATS = new Set(['response_format', 'format', 'responseMimeType', 'response_mime_type']);
/** A name of theirs is none that is longer. */
const MAX_NAME = 20;

/** @param body that body/inspect took. */
export function readAsked(body: Buffer, { members }: Pick<BodyFacts, 'members'>): AskedParameters {
  const asked: AskedParameters = {};
  // Its bytes are in a thread for a while.
  if (body.length < (members.at(-1) ?? 0)) return asked;
  for (let at = 0; at < members.length; at += PER_MEMBER) {
    const [from, to] = [members[at]! + 1, members[at + 1]! - 1];
    if (to - from > MAX_NAME) continue;
    const name = body.toString('latin1', from, to);
    if (!NUMBERS.has(name) && !STOPS.has(name) && !NESTED.has(name) && !FORMATS.has(name)) continue;
    const value: unknown = JSON.parse(body.toString('utf8', members[at + 2], members[at + 3]));
    if (NESTED.has(name) && isMapping(value))
      for (const [inner, one] of Object.entries(value)) take(asked, inner, one);
    else take(asked, name, value);
  }
  return asked;
}

function take(asked: AskedParameters, name: string, value: unknown): void {
  const number = NUMBERS.get(name);
  if (number !== undefined) {
    if (typeof value === 'number' && Number.isFinite(value)) asked[number] = value;
  } else if (STOPS.has(name)) {
    const stops = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
    const texts = stops.filter((one): one is string => typeof one === 'string');
    if (texts.length > 0) asked.stops = texts;
  } else if (FORMATS.has(name)) {
    const format = isMapping(value) ? value['type'] : value;
    if (typeof format === 'string' && /^json|\/json$/.test(format)) asked.json = true;
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
