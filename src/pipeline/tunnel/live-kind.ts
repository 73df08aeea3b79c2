// OpenAI's Live sessions: `session.start{session:{model}}`, billed by the second.
import type { JsonObject } from '../../contracts/json.ts';
import type { SocketMessage } from '../../contracts/tunnel.ts';
import { objectAt, parseObject, stringAt } from '../../dialects/lenient.ts';
import { eventOf } from './realtime-usage.ts';
import type { SessionKind } from './session-kind.ts';

export const live: SessionKind = {
  dialect: 'openai-chat',
  modelInFirst: true,
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
  lastOf: (message) => eventIn(message, 'session.closed'),
};

function eventIn(message: SocketMessage, type: string): JsonObject | null {
  return typeof message === 'string' ? eventOf(message, [type]) : null;
}
