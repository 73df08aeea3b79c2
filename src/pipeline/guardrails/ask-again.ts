// An answer that is not what was asked for is made once more: the same request, with the answer and what is wrong with it behind
// it, as a call of its own.
import type { Call } from '../../contracts/call.ts';
import type { ChatAnswer } from '../../contracts/chat.ts';
import type { HeaderList } from '../../contracts/sink.ts';
import { OutputFilter } from '../../guardrails/output-filter.ts';
import { GuardRun } from '../../guardrails/run.ts';
import { parseAnswer } from '../../dialects/answer-json.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { streamAnswer } from '../answer/answer-stream.ts';
import { filterAnswer } from '../answer/filter-deltas.ts';
import type { InnerCalls } from '../inner-call.ts';
import { answerContext, clientFrames, rememberRequest } from '../answer/open-relay.ts';
import { askedAgain } from './repair-request.ts';

export interface AnotherAnswer {
  status: number;
  headers: HeaderList;
  body: Buffer | string;
}

export interface AskAgain {
  /** @returns null = there is no better one. */
  (call: Call, run: GuardRun): Promise<AnotherAnswer | null>;
  now(): number;
}

/** A second answer may take so long. */
const TIMEOUT_MS = 120_000;

export function createAskAgain(
  inner: () => Pick<InnerCalls, 'ask'>,
  clock: { now(): number; wall(): number },
): AskAgain {
  const again = async (call: Call, run: GuardRun): Promise<AnotherAnswer | null> => {
    const { route, body } = call;
    if (call.operation?.name !== 'chat' || body === null || run.retry === null) return null;
    const request = askedAgain(body, route.dialect, call.facts?.model ?? call.model, run.retry.reason);
    if (request === null) return null;
    const dialect = dialectByName(route.dialect);
    try {
      const { answer } = inner().ask(call, {
        operation: 'chat',
        dialect: route.dialect,
        body: request,
        timeoutMs: TIMEOUT_MS,
      });
      const given = await answer;
      if (given.status >= 300 || call.settled) return null;
      const { guards, placeholders, schema } = run;
      const second = new GuardRun({ guards, placeholders, schema });
      const filter = new OutputFilter(second, null);
      const made: ChatAnswer = filterAnswer(dialect.chat.decodeAnswer(parseAnswer(given.body, true)), [
        filter,
      ]);
      if (second.refusal !== null || second.retry !== null) return null;
      const context = answerContext(call, call.plan!.targets[0]!, clock.wall(), null);
      rememberRequest(call, dialect.chat, context);
      run.note(run.retry.guard, 'answer', 'mask');
      const frames = clientFrames(call, dialect);
      const text = call.stream
        ? streamAnswer(made, dialect.chat.createEncoder(context), frames)
        : dialect.chat.encodeAnswer(made, context);
      const contentType = call.stream ? frames.contentType : 'application/json';
      return { status: 200, headers: withType(given.headers, contentType), body: text };
    } catch {
      // There is no second answer: the first one is refused.
      return null;
    }
  };
  return Object.assign(again, { now: () => clock.now() });
}

function withType(headers: HeaderList, contentType: string): HeaderList {
  return [['content-type', contentType], ...headers.filter(([name]) => name !== 'content-type')];
}
