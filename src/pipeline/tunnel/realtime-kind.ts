// OpenAI's Realtime API: `?model=`, turns between `response.create` and `response.done`. The session says which model writes down
// what is said to it, so that there is one of these for each session.
import type { JsonObject } from '../../contracts/json.ts';
import { objectAt, stringAt } from '../../dialects/lenient.ts';
import { eventOf, turnFacts, writtenFacts } from './realtime-usage.ts';
import type { SessionKind } from './session-kind.ts';

const WRITTEN = 'conversation.item.input_audio_transcription.completed';
const TOLD = ['response.created', 'response.done', WRITTEN, 'session.created', 'session.updated'] as const;
const ASKED = ['response.create'] as const;

export function realtime(): SessionKind {
  let writer = '';
  return {
    dialect: 'openai-chat',
    modelInFirst: false,
    inherits: false,
    counted: true,
    turns: true,
    saysErrors: true,
    besideVersion: false,
    modelOf: () => null,
    firstMust: { message: '', param: '' },
    renamed: (message) => message,
    pathAt: () => null,
    asks: (message) => typeof message === 'string' && eventOf(message, ASKED) !== null,
    tells(message) {
      const event = typeof message === 'string' ? eventOf(message, TOLD) : null;
      switch (event?.['type']) {
        case 'response.created':
          return { kind: 'begun', id: stringAt(objectAt(event, 'response') ?? {}, 'id') };
        case 'response.done':
          return { kind: 'done', facts: turnFacts(event), alone: false };
        case WRITTEN:
          return { kind: 'heard', facts: writtenFacts(event), model: writer };
        case 'session.created':
        case 'session.updated':
          writer = writerIn(objectAt(event, 'session') ?? {}) ?? writer;
          return null;
        default:
          return null;
      }
    },
    cancels: (id) => JSON.stringify({ type: 'response.cancel', ...(id !== null && { response_id: id }) }),
  };
}

/** As of today, and as its beta had it. */
function writerIn(session: JsonObject): string | null {
  const input = objectAt(objectAt(session, 'audio') ?? {}, 'input') ?? {};
  const written = objectAt(input, 'transcription') ?? objectAt(session, 'input_audio_transcription');
  return written === null ? null : stringAt(written, 'model');
}
