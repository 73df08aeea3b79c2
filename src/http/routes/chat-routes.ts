// Routes of the chat socket: the one it is opened on, those of the requests on it, and the one that gives tickets for it.
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { LocalRoute, ModelRoute } from '../../contracts/route.ts';
import { DIALECT_NAMES } from '../../registry/manners.ts';
import { operations } from '../../registry/operations.ts';

const TEMPLATE = '/v1/chat/ws';

export const CHAT_SOCKET: ModelRoute = {
  kind: 'model',
  operation: operations.chat,
  dialect: 'openai-chat',
  template: TEMPLATE,
  methods: ['GET'],
  open: false,
  stream: null,
  socket: true,
};

export const CHAT_TICKETS: LocalRoute = {
  kind: 'local',
  answer: 'socket-ticket',
  dialect: 'openai-chat',
  template: `${TEMPLATE}/tickets`,
  methods: ['POST'],
  open: false,
  takesBody: true,
};

/** Those whose vendor says model and streaming by the path, not in the body. */
const BY_PATH: ReadonlySet<DialectName> = new Set(['gemini', 'bedrock', 'bedrock-invoke']);
export const saysByPath = (dialect: DialectName): boolean => BY_PATH.has(dialect);

const turn = (dialect: DialectName, stream: boolean | null): ModelRoute => ({
  ...CHAT_SOCKET,
  dialect,
  methods: ['POST'],
  stream,
});
const TURNS = new Map(
  DIALECT_NAMES.map((name) => [
    name,
    saysByPath(name)
      ? { streamed: turn(name, true), whole: turn(name, false) }
      : { streamed: turn(name, null), whole: turn(name, null) },
  ]),
);

/** The route of a request in a frame. One object for each dialect and way: grants are decided once by it. */
export function turnRoute(dialect: DialectName, stream: boolean): ModelRoute {
  const ways = TURNS.get(dialect)!;
  return stream ? ways.streamed : ways.whole;
}
