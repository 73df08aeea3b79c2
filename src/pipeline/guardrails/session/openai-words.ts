// OpenAI's Realtime API (of today and its beta) and its Live sessions. Events are read by the pattern of their types, so that one
// that comes new is looked at all the same: `….delta` is a piece, anything else a whole.
import type { JsonObject } from '../../../contracts/json.ts';
import { arrayAt, objectAt, stringAt } from '../../../dialects/lenient.ts';
import { isObject } from '../../../dialects/read.ts';
import type { BlockKind } from '../../../guardrails/said-text.ts';
import type { ProviderWord, ProviderWords, SessionWords } from './words.ts';

const TRANSCRIPTION = 'conversation.item.input_audio_transcription.';
/** Events that tell a session's settings: what stands in them is the application's own. */
const SETTINGS = /^session\.(?:created|updated|started|closed)$/;
/** What a client must know at once: that somebody speaks, that something went wrong. */
const NOW =
  /^(?:error|rate_limits\.|session\.|input_audio_buffer\.|output_audio_buffer\.|conversation\.created)/;

export function openaiWords(): SessionWords {
  /** Of the session, as it was told last: those of one answer stand in their place. */
  let instructions = '';
  return {
    tellsSpoken: true,
    ofClient(event) {
      const type = stringAt(event, 'type') ?? '';
      const session = objectAt(event, 'session');
      return {
        speaker: type.startsWith('conversation.item') ? 'user' : 'system',
        sound: isSound(type) || soundIn(objectAt(event, 'item')) || inputSound(event),
        writes: session === null ? null : writesIn(session),
      };
    },
    ofProvider(event) {
      instructions = stringAt(objectAt(event, 'session') ?? {}, 'instructions') ?? instructions;
      return ofProvider(event);
    },
    emptied(event) {
      const type = stringAt(event, 'type');
      if (type !== 'response.done') return null;
      return { ...event, response: { ...objectAt(event, 'response'), output: [] } };
    },
    forgets: (item) => (item === '' ? null : { type: 'conversation.item.delete', item_id: item }),
    again: (wish) => ({
      type: 'response.create',
      response: { instructions: instructions === '' ? wish : `${instructions}\n\n${wish}` },
    }),
  };
}

function ofProvider(event: JsonObject): ProviderWords {
  const type = stringAt(event, 'type') ?? '';
  const words: ProviderWord[] = [];
  const response = stringAt(event, 'response_id') ?? stringAt(objectAt(event, 'response') ?? {}, 'id') ?? '';
  const item = stringAt(event, 'item_id') ?? stringAt(objectAt(event, 'item') ?? {}, 'id') ?? '';
  const speaker = SETTINGS.test(type) ? 'system' : 'assistant';
  const told: ProviderWords = { words, now: NOW.test(type), response, item, whole: true, speaker };
  const session = objectAt(event, 'session');
  if (session !== null) {
    const on = writesIn(session);
    if (on !== null) words.push({ kind: 'writes', on });
  }
  if (type.startsWith(TRANSCRIPTION)) {
    // What the client said itself: it is judged as its words, and not held back from it.
    const end = type.slice(TRANSCRIPTION.length);
    if (end === 'completed')
      words.push({ kind: 'written', item, text: stringAt(event, 'transcript') ?? '', whole: true });
    else if (end === 'failed') words.push({ kind: 'unwritten', item });
    return { ...told, now: true, whole: false };
  }
  if (type === 'input_audio_buffer.committed') words.push({ kind: 'spoken', item });
  else if (type === 'response.created') words.push({ kind: 'begun', response });
  else if (type === 'response.done') words.push({ kind: 'over', response });
  else if (type === 'response.output_item.added') {
    const made = objectAt(event, 'item') ?? {};
    const name = stringAt(made, 'name');
    if (name !== null && (stringAt(made, 'type') ?? '').endsWith('call')) words.push({ kind: 'tool', name });
  }
  if (type.endsWith('.delta')) {
    if (isSound(type)) words.push({ kind: 'sound', part: partOf(event, 'audio') });
    else piece(event, type, words);
    return { ...told, whole: words.every(({ kind }) => kind === 'writes') };
  }
  if (type.endsWith('.done') && partName(type) !== null) end(event, type, words);
  return told;
}

function piece(event: JsonObject, type: string, words: ProviderWord[]): void {
  const text = stringAt(event, 'delta');
  if (text === null) return;
  words.push({
    kind: 'piece',
    part: partOf(event, partName(type) ?? type),
    block: blockOf(type),
    text,
    put: (now) => {
      event['delta'] = now;
    },
  });
}

function end(event: JsonObject, type: string, words: ProviderWord[]): void {
  words.push({
    kind: 'end',
    part: partOf(event, partName(type)!),
    rest(text) {
      const { event_id: _id, text: _text, transcript: _transcript, arguments: _arguments, ...place } = event;
      return { ...place, type: `${type.slice(0, -'.done'.length)}.delta`, delta: text };
    },
  });
}

const blockOf = (type: string): BlockKind => (type.includes('_arguments') ? 'arguments' : 'text');

/** The words that belong to one part: sound and its transcript are one, so are text and arguments by themselves. */
function partName(type: string): string | null {
  if (/transcript\.(?:delta|done)$/.test(type)) return 'audio';
  if (/(?:^|[._])text\.(?:delta|done)$/.test(type)) return 'text';
  return /arguments\.(?:delta|done)$/.test(type) ? 'arguments' : null;
}

function partOf(event: JsonObject, name: string): string {
  const index = event['content_index'];
  return [
    stringAt(event, 'response_id') ?? '',
    stringAt(event, 'item_id') ?? '',
    typeof index === 'number' ? index : '',
    name,
  ].join('\n');
}

/** Types of events whose payload is sound. */
function isSound(type: string): boolean {
  return /audio(?:_buffer)?\.(?:append|delta)$/.test(type);
}

/** An item that holds sound. */
function soundIn(item: JsonObject | null): boolean {
  return (
    item !== null &&
    arrayAt(item, 'content').some((part) => isObject(part) && stringAt(part, 'audio') !== null)
  );
}

/** `response.create` with input of its own. */
function inputSound(event: JsonObject): boolean {
  const response = objectAt(event, 'response');
  return response !== null && arrayAt(response, 'input').some((item) => isObject(item) && soundIn(item));
}

/** Whether sessions of these settings write down what is spoken; null = they say nothing of it. */
function writesIn(session: JsonObject): boolean | null {
  const input = objectAt(objectAt(session, 'audio') ?? {}, 'input');
  const own = input?.['transcription'];
  // Null switches it off.
  const stated = own === undefined ? session['input_audio_transcription'] : own;
  return stated === undefined ? null : isObject(stated);
}
