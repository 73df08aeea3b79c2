// OpenAI's Live sessions: `session.start{session:{model}}`, billed by the second.
import type { JsonObject } from '../../contracts/json.ts';
import type { SocketMessage } from '../../contracts/tunnel.ts';
import { objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';
import { eventOf } from './realtime-usage.ts';
import type { SessionKind } from './session-kind.ts';

export const live: SessionKind = {
  dialect: 'openai-chat',
  modelInFirst: true,
  inherits: false,
  counted: true,
  turns: false,
  saysErrors: true,
  besideVersion: false,
  modelOf(first) {
    const event = typeof first === 'string' ? parseObject(first) : null;
    return event?.['type'] === 'session.start' ? stringAt(objectAt(event, 'session') ?? {}, 'model') : null;
  },
  firstMust: {
    message: 'The first message must be `session.start` with `session.model`.',
    param: 'session.model',
  },
  renamed(message, { model }) {
    const event = eventIn(message, 'session.start');
    if (event === null) return message;
    return JSON.stringify({ ...event, session: { ...objectAt(event, 'session'), model } });
  },
  pathAt: () => null,
  asks: () => false,
  tells: () => null,
  cancels: () => null,
  begunIn(message) {
    const session = objectAt(eventIn(message, 'session.started') ?? {}, 'session') ?? {};
    const id = stringAt(session, 'id');
    return id === null || id === '' ? null : { id, model: stringAt(session, 'model') };
  },
  lastOf: (message) => eventIn(message, 'session.closed'),
};

/** One that goes on from a session that is over, with the model of that. */
export const forked: SessionKind = { ...live, modelInFirst: false, inherits: true };

/** Beside a session under way: who has that pays for it. */
export const attached: SessionKind = { ...forked, counted: false };

function eventIn(message: SocketMessage, type: string): JsonObject | null {
  return typeof message === 'string' ? eventOf(message, [type]) : null;
}
