// Gemini Live: one message holds several things at once, parts of a turn follow one another, and the turn's end closes them.
import type { Json, JsonObject } from '../../../contracts/json.ts';
import { arrayAt, objectAt, stringAt } from '../../../dialects/lenient.ts';
import { isObject } from '../../../dialects/read.ts';
import type { ProviderWord, ProviderWords, SessionWords } from './words.ts';

/** The answer of a turn, and what the model says in it: in text, in thoughts, in sound that is written down. */
interface Turn {
  readonly answer: string;
  readonly said: string;
  readonly thought: string;
  readonly spoken: string;
}

/** Answers have no ids of their own: that of one turn may still be judged when the next one speaks. */
const turnOf = (number: number): Turn => ({
  answer: `answer ${number}`,
  said: `said ${number}`,
  thought: `thought ${number}`,
  spoken: `spoken ${number}`,
});

export function bidiWords(): SessionWords {
  let turns = 1;
  let turn = turnOf(turns);
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
    ofProvider(message) {
      const told = ofProvider(message, turn);
      if (told.words.some(({ kind }) => kind === 'over')) turn = turnOf(++turns);
      return told;
    },
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

function ofProvider(message: JsonObject, turn: Turn): ProviderWords {
  const words: ProviderWord[] = [];
  const content = objectAt(message, 'serverContent');
  const calls = arrayAt(objectAt(message, 'toolCall') ?? {}, 'functionCalls').filter(isObject);
  for (const call of calls) words.push({ kind: 'tool', name: stringAt(call, 'name') ?? '' });
  if (content !== null) ofContent(content, words, turn);
  const response = words.some(({ kind }) => kind !== 'written') ? turn.answer : '';
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

function ofContent(content: JsonObject, words: ProviderWord[], turn: Turn): void {
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
    if (inline(part) !== null) words.push({ kind: 'sound', part: turn.spoken });
    const text = stringAt(part, 'text');
    if (text === null) continue;
    const block = part['thought'] === true ? 'reasoning' : 'text';
    words.push({
      kind: 'piece',
      part: block === 'text' ? turn.said : turn.thought,
      block,
      text,
      put: puts(part),
    });
  }
  const spoken = objectAt(content, 'outputTranscription');
  const written = spoken === null ? null : stringAt(spoken, 'text');
  if (spoken !== null && written !== null)
    words.push({ kind: 'piece', part: turn.spoken, block: 'text', text: written, put: puts(spoken) });
  if (['generationComplete', 'turnComplete', 'interrupted'].some((name) => content[name] === true)) {
    words.push({
      kind: 'end',
      part: turn.said,
      rest: (text) => said({ modelTurn: { role: 'model', parts: [{ text }] } }),
    });
    words.push({
      kind: 'end',
      part: turn.thought,
      rest: (text) => said({ modelTurn: { role: 'model', parts: [{ text, thought: true }] } }),
    });
    words.push({ kind: 'end', part: turn.spoken, rest: (text) => said({ outputTranscription: { text } }) });
  }
  if (content['turnComplete'] === true || content['interrupted'] === true)
    words.push({ kind: 'over', response: turn.answer });
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
