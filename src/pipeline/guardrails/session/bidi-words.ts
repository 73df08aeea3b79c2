// Gemini Live: one message holds several things at once, parts of a turn follow one another, and the turn's end closes them.
import type { Json, JsonObject } from '../../../contracts/json.ts';
import { arrayAt, objectAt, stringAt } from '../../../dialects/lenient.ts';
import { isObject } from '../../../dialects/read.ts';
import type { ProviderWord, ProviderWords, SessionWords } from './words.ts';

/** What the model says, and what it says in sound, written down. */
const [SAID, SPOKEN] = ['said', 'spoken'] as const;
/** The one answer that may be under way. */
const ANSWER = 'answer';

export function bidiWords(): SessionWords {
  return {
    tellsSpoken: false,
    ofClient(message) {
      const setup = objectAt(message, 'setup');
      const live = member(message, 'realtimeInput', 'realtime_input');
      const content = member(message, 'clientContent', 'client_content');
      const turns = content === null ? [] : arrayAt(content, 'turns').filter(isObject);
      return {
        speaker: setup === null ? 'user' : 'system',
        sound:
          (live !== null && Object.keys(live).some((name) => /audio$|video|chunks/i.test(name))) ||
          turns.some((turn) =>
            arrayAt(turn, 'parts').some((part) => isObject(part) && inline(part) !== null),
          ),
        writes:
          setup === null
            ? null
            : member(setup, 'inputAudioTranscription', 'input_audio_transcription') !== null,
      };
    },
    ofProvider,
    emptied(message) {
      const { serverContent: _content, toolCall: _call, ...rest } = message;
      const said = objectAt(message, 'serverContent') ?? {};
      const { modelTurn: _turn, outputTranscription: _spoken, ...ends } = said;
      const left = Object.keys(ends).length === 0 ? rest : { ...rest, serverContent: ends };
      return Object.keys(left).length === 0 ? null : left;
    },
    forgets: () => null,
    again: () => null,
  };
}

function ofProvider(message: JsonObject): ProviderWords {
  const words: ProviderWord[] = [];
  const content = objectAt(message, 'serverContent');
  const calls = arrayAt(objectAt(message, 'toolCall') ?? {}, 'functionCalls').filter(isObject);
  for (const call of calls) words.push({ kind: 'tool', name: stringAt(call, 'name') ?? '' });
  if (content !== null) ofContent(content, words);
  const response = words.some(({ kind }) => kind !== 'written') ? ANSWER : '';
  const whole = calls.length > 0 || (content !== null && saysElse(content));
  // An interruption is to be known at once.
  return { words, now: content?.['interrupted'] === true, response, item: '', whole, speaker: 'assistant' };
}

/** Of a part, what is looked at piece by piece, or is nobody's text. */
const IN_PIECES: ReadonlySet<string> = new Set([
  'text',
  'thought',
  'thoughtSignature',
  'inlineData',
  'inline_data',
]);

/** Code that the model runs, what came of it, pages that it found. */
function saysElse(content: JsonObject): boolean {
  if (content['groundingMetadata'] !== undefined) return true;
  return arrayAt(objectAt(content, 'modelTurn') ?? {}, 'parts').some(
    (part) => isObject(part) && Object.keys(part).some((name) => !IN_PIECES.has(name)),
  );
}

function ofContent(content: JsonObject, words: ProviderWord[]): void {
  const heard = objectAt(content, 'inputTranscription');
  if (heard !== null)
    words.push({
      kind: 'written',
      item: '',
      text: stringAt(heard, 'text') ?? '',
      whole: heard['finished'] === true,
    });
  for (const part of arrayAt(objectAt(content, 'modelTurn') ?? {}, 'parts')) {
    if (!isObject(part)) continue;
    if (inline(part) !== null) words.push({ kind: 'sound', part: SPOKEN });
    const text = stringAt(part, 'text');
    if (text === null) continue;
    const block = part['thought'] === true ? 'reasoning' : 'text';
    words.push({ kind: 'piece', part: block === 'text' ? SAID : 'thought', block, text, put: puts(part) });
  }
  const spoken = objectAt(content, 'outputTranscription');
  const written = spoken === null ? null : stringAt(spoken, 'text');
  if (spoken !== null && written !== null)
    words.push({ kind: 'piece', part: SPOKEN, block: 'text', text: written, put: puts(spoken) });
  if (['generationComplete', 'turnComplete', 'interrupted'].some((name) => content[name] === true)) {
    words.push({
      kind: 'end',
      part: SAID,
      rest: (text) => said({ modelTurn: { role: 'model', parts: [{ text }] } }),
    });
    words.push({
      kind: 'end',
      part: 'thought',
      rest: (text) => said({ modelTurn: { role: 'model', parts: [{ text, thought: true }] } }),
    });
    words.push({ kind: 'end', part: SPOKEN, rest: (text) => said({ outputTranscription: { text } }) });
  }
  if (content['turnComplete'] === true || content['interrupted'] === true)
    words.push({ kind: 'over', response: ANSWER });
}

const said = (content: JsonObject): JsonObject => ({ serverContent: content });

const puts =
  (part: JsonObject) =>
  (text: string): void => {
    part['text'] = text;
  };

const inline = (part: JsonObject): Json | null => part['inlineData'] ?? part['inline_data'] ?? null;

const member = (object: JsonObject, name: string, other: string): JsonObject | null =>
  objectAt(object, name) ?? objectAt(object, other);
