// Local answers that have to be looked for: what is kept of Responses. Told when they are found, unless the client left.
import type { Call } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { LocalAnswerName } from '../contracts/route.ts';
import { asGatewayError } from '../pipeline/pipeline.ts';
import type { Refuser } from '../pipeline/refuse.ts';
import type { Settle } from '../pipeline/settle.ts';
import { ConversationDesk, type ConversationDeskDeps } from './conversation-desk.ts';
import { type DeskAnswer, ResponseDesk, type ResponseDeskDeps } from './response-desk.ts';

export interface StoredAnswersDeps extends ResponseDeskDeps, ConversationDeskDeps {
  settle: Settle;
  refuse: Refuser;
}

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
    const answer = await desk(call);
    if (call.settled) return;
    if (answer !== null) call.sink.reply(200, [['content-type', 'application/json']], JSON.stringify(answer));
    deps.settle(call, { status: 200, error: null, facts: null });
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
