// Local answers that have to be looked for: what is kept of Responses. Told when they are found, unless the client left.
import { holdBody, releaseBody } from '../../body/hold.ts';
import type { Call } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { LocalAnswerName } from '../../contracts/route.ts';
import { asGatewayError } from '../../pipeline/pipeline.ts';
import { filled, forwardedQuery } from '../../pipeline/raw/raw-address.ts';
import type { Refuser } from '../../pipeline/refuse.ts';
import type { Settle } from '../../pipeline/settle.ts';
import { ConversationDesk, type ConversationDeskDeps } from './conversation-desk.ts';
import { sse } from '../../wire/sse.ts';
import { type DeskAnswer, ResponseDesk, type ResponseDeskDeps } from './response-desk.ts';

export interface StoredAnswersDeps extends ResponseDeskDeps, ConversationDeskDeps {
  settle: Settle;
  refuse: Refuser;
  /** There is one caller: nobody whose turns it could see at a provider. */
  alone(call: Call): boolean;
}

/** What the routes begin with. */
const VERSION = '/v1';
const METHODS: Readonly<Record<string, 'GET' | 'POST' | 'DELETE'>> = {
  GET: 'GET',
  HEAD: 'GET',
  POST: 'POST',
  DELETE: 'DELETE',
};
const OBJECT = 0x7b;

type Desk = (call: Call) => DeskAnswer | Promise<DeskAnswer>;

/** @returns false: it is none of these answers. */
export type StoredAnswers = (call: Call, answer: LocalAnswerName) => boolean;

/** Answers by the names of routes. */
export function createStoredAnswers(deps: StoredAnswersDeps): StoredAnswers {
  const responses = new ResponseDesk(deps);
  const conversations = new ConversationDesk(deps);
  const desks: Partial<Record<LocalAnswerName, Desk>> = {
    response: (call) => responses.one(call),
    'response-cancel': (call) => responses.cancel(call),
    'response-items': (call) => responses.items(call),
    conversations: (call) => conversations.create(call),
    conversation: (call) => conversations.one(call),
    'conversation-items': (call) => conversations.items(call),
    'conversation-item': (call) => conversations.item(call),
  };
  const run = async (call: Call, desk: Desk): Promise<void> => {
    const coded = call.head.headers.get('content-encoding') ?? 'identity';
    if (call.body !== null && call.body.length > 0 && coded !== 'identity')
      throw new GatewayError('GW_CLIENT_MEDIA_TYPE');
    let answer: DeskAnswer;
    try {
      answer = await desk(call);
    } catch (cause) {
      if (await handedOn(call, cause)) return;
      throw cause;
    }
    if (call.settled) return;
    if (answer !== null) call.sink.reply(200, [['content-type', 'application/json']], JSON.stringify(answer));
    deps.settle(call, { status: 200, error: null, facts: null });
  };
  /** Whether a provider that keeps such things itself was asked for what is unknown here, and answered. */
  const handedOn = async (call: Call, cause: unknown): Promise<boolean> => {
    if (!(cause instanceof GatewayError) || cause.code !== 'GW_CLIENT_STORED_NOT_FOUND') return false;
    const { head, route, params, prefix, snapshot, body } = call;
    if (snapshot.config.responses.unknown !== 'pass' && !deps.alone(call)) return false;
    const path = filled(route.template.slice(VERSION.length), params) + forwardedQuery(head.query);
    const method = METHODS[head.method];
    const asked = method === undefined ? null : deps.keeper.pass(snapshot, prefix, { method, path, body });
    if (asked === null) return false;
    // Its client may leave before the provider's socket has all of it.
    holdBody(call);
    const answer = await asked.finally(() => releaseBody(call));
    if (call.settled) return true;
    const type = answer.body[0] === OBJECT ? 'application/json' : sse.contentType;
    call.sink.reply(answer.status, [['content-type', type]], answer.body);
    deps.settle(call, { status: answer.status, error: null, facts: null });
    return true;
  };
  return (call, name) => {
    const desk = desks[name];
    if (desk === undefined) return false;
    run(call, desk).catch((cause: unknown) => {
      if (!call.settled) deps.refuse(call, asGatewayError(cause));
    });
    return true;
  };
}
