// The two protocols of spoken conversations: how a session begins, and what of it is counted.
import type { JsonObject } from '../../contracts/json.ts';
import { objectAt, stringAt } from '../../dialects/lenient.ts';

export interface SessionKind {
  /** The model stands in the client's first message, and nowhere before. */
  readonly modelInFirst: boolean;
  /** Each answer is a turn that is counted by itself; else the session is, by its seconds. */
  readonly turns: boolean;
  /** Its last event, which says what it used; '' = there is none. */
  readonly lastEvent: string;
}

/** OpenAI's Realtime API: `?model=`, turns between `response.create` and `response.done`. */
const REALTIME: SessionKind = { modelInFirst: false, turns: true, lastEvent: '' };

/** OpenAI's Live sessions: `session.start{session:{model}}`, billed by the second. */
const LIVE: SessionKind = { modelInFirst: true, turns: false, lastEvent: 'session.closed' };

/** @param template of the route. */
export function kindOf(template: string): SessionKind {
  return template.includes('/live/') ? LIVE : REALTIME;
}

/** Of the first message of a live session. Null: it is none. */
export function modelOfStart(event: JsonObject | null): string | null {
  const session = event === null ? null : objectAt(event, 'session');
  return event?.['type'] === 'session.start' && session !== null ? stringAt(session, 'model') : null;
}

/** The same message with the provider's name of the model. */
export function startWith(event: JsonObject, model: string): JsonObject {
  return { ...event, session: { ...objectAt(event, 'session'), model } };
}
