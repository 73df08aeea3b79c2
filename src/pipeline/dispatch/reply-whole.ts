// The head of an answer, and a whole one on its way out.
import type { Admission } from '../../contracts/admission.ts';
import type { Call } from '../../contracts/call.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { Dialect } from '../../contracts/dialect.ts';
import type { Clock } from '../../contracts/ports.ts';
import type { UpstreamHeaders } from '../../contracts/upstream.ts';
import { headOfUsage } from '../../dialects/bedrock-metrics.ts';
import { usdText } from '../../prices/usd-text.ts';
import {
  describeCall,
  type Headers,
  passUpstreamHeaders,
  replaceLimits,
  translateUpstreamHeaders,
} from '../answer/answer-headers.ts';
import { costToTell } from '../answer/cost-header.ts';
import type { Delivery as WholeAnswer } from '../answer/unary-answer.ts';
import { rawHead } from '../raw/raw-head.ts';
import type { Leg } from './leg.ts';

export interface ReplyDeps {
  clocks: Clock;
  admission: Pick<Admission, 'headers'>;
  /** Value of the `server-timing` header. */
  serverTiming(call: Call, now: number): string;
  overheadMs(call: Call, now: number): number;
}

/** Adds to `list` what a client hears of where its answer comes from. @param costNano of the call, where it is known */
export function describeAnswer(
  list: Headers,
  admission: Pick<Admission, 'headers'>,
  call: Call,
  client: Dialect,
  { target, translated }: Leg,
  headers: UpstreamHeaders,
  costNano: number | null = null,
): void {
  const { provider } = target;
  if (translated) translateUpstreamHeaders(list, headers, client.manner.limitHeaders, provider);
  else passUpstreamHeaders(list, headers, provider);
  replaceLimits(list, admission.headers(call, costNano));
  describeCall(list, call, target);
}

/** @param length bytes of the answer as it came. @returns what is known of it. */
export function replyWhole(
  deps: ReplyDeps,
  call: Call,
  client: Dialect,
  leg: Leg,
  status: number,
  headers: UpstreamHeaders,
  delivered: WholeAnswer,
  length: number,
): AnswerFacts | null {
  const list: Headers =
    call.operation!.answer === 'bytes'
      ? rawHead(headers, leg.target.provider, true)
      : [['content-type', delivered.contentType]];
  const cost = costToTell(call, leg.target, delivered.facts, length);
  describeAnswer(list, deps.admission, call, client, leg, headers, cost);
  const usage = client.manner.tokensInHead === true ? delivered.facts?.usage : null;
  if (usage) list.push(...headOfUsage(usage));
  const now = deps.clocks.now();
  call.firstByteAt = call.lastByteAt = now;
  if (cost !== null) list.push(['x-headgate-cost-usd', usdText(cost)]);
  list.push(
    ['x-headgate-overhead-us', String(Math.round(deps.overheadMs(call, now) * 1000))],
    ['server-timing', deps.serverTiming(call, now)],
  );
  // Read, and of no dialect's translation: nobody comes back to it.
  const yours = call.operation!.answer === 'json' && call.kept === null;
  call.sink.reply(status, list, delivered.body, yours);
  return delivered.facts;
}
