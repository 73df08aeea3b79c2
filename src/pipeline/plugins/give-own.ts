// An answer that a plugin made, given as if a model had: in the client's dialect, streamed where it asked for that. It used nothing.
import type { Call, StageResult } from '../../contracts/call.ts';
import type { ChatAnswer, Usage } from '../../contracts/chat.ts';
import type { Dialect, DialectName } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { OwnAnswer } from '../../contracts/plugin.ts';
import { streamAnswer } from '../answer/answer-stream.ts';
import { answerContext, clientFrames, rememberRequest } from '../answer/open-relay.ts';
import { parseAnswer } from '../../dialects/answer-json.ts';
import type { Settle } from '../settle.ts';
import { turnOf } from '../answer/turn-codec.ts';

export type GiveOwn = (call: Call, answer: OwnAnswer) => StageResult;

export interface GiveOwnDeps {
  dialect(name: DialectName): Dialect;
  settle: Settle;
  now(): number;
  /** ms since 1970. */
  wall(): number;
}

const NO_USE: Usage = {
  input: 0,
  cacheRead: 0,
  cacheWriteShort: 0,
  cacheWriteLong: 0,
  output: 0,
  reasoning: 0,
};
const HEADERS = [['x-headgate-provider', 'plugin']] as const;

export function createGiveOwn({ dialect, settle, now, wall }: GiveOwnDeps): GiveOwn {
  return (call, answer) => {
    const client = dialect(call.route.dialect);
    const spoken = call.operation!.answer === 'deltas' && call.plan !== null;
    if (!spoken && 'text' in answer)
      return new GatewayError('GW_PLUGIN_FAILED', { message: 'A plugin answers with words what has none.' });
    call.provider = 'plugin';
    call.firstByteAt = now();
    if (spoken) speak(call, client, answer);
    else if ('body' in answer) reply(call, JSON.stringify(answer.body));
    call.lastByteAt = now();
    settle(call, {
      status: 200,
      error: null,
      facts: { usage: NO_USE, stop: 'end', model: call.model, id: null },
    });
    return 'taken';
  };

  function speak(call: Call, client: Dialect, own: OwnAnswer): void {
    const codec = turnOf(client, call.operation!.name);
    const target = call.plan!.targets[0]!;
    const context = { ...answerContext(call, target, wall(), null), model: call.model };
    rememberRequest(call, codec, context, !('text' in own));
    const answer =
      'text' in own
        ? said(own.text, call)
        : codec.decodeAnswer(parseAnswer(Buffer.from(JSON.stringify(own.body)), true));
    if (!call.stream) {
      reply(call, 'text' in own ? codec.encodeAnswer(answer, context) : JSON.stringify(own.body));
      return;
    }
    const frames = clientFrames(call, client);
    call.sink.start(200, [['content-type', frames.contentType], ['cache-control', 'no-cache'], ...HEADERS]);
    call.chunks++;
    call.sink.chunk(streamAnswer(answer, codec.createEncoder(context), frames));
    call.sink.end();
  }
}

function reply(call: Call, body: string): void {
  call.sink.reply(200, [['content-type', 'application/json'], ...HEADERS], body);
}

function said(text: string, call: Call): ChatAnswer {
  return {
    id: call.id,
    model: call.model,
    created: null,
    parts: [{ kind: 'text', text, cache: null }],
    stop: 'end',
    stopSequence: null,
    usage: NO_USE,
  };
}
