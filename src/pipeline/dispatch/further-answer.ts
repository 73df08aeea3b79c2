// Another answer on its way into the stream that its client has: by what it is joined, and one that came whole.
import type { Call } from '../../contracts/call.ts';
import type { ChatAnswer, Usage } from '../../contracts/chat.ts';
import type { Dialect, StreamEncoder } from '../../contracts/dialect.ts';
import type { Target } from '../../contracts/plan.ts';
import { FrameWriter } from '../../wire/frame-writer.ts';
import { deltasOf } from '../answer/answer-stream.ts';
import { clientFrames, furtherEncoder } from '../answer/open-relay.ts';
import { createGoOn, usageReceived } from '../rescue/go-on.ts';
import type { Leg } from './leg.ts';
import type { Rescue } from './rescue.ts';

export interface Joint {
  /** Content events that its client has and the answer does not tell again. */
  readonly before: number;
  /** What the client received in sum. */
  usage(usage: Usage): Usage;
  /** Makes an encoder that says what is new, of a fresh one. */
  goOn(encoder: StreamEncoder): StreamEncoder;
}

/** What joins an answer of `target` to the client's stream. */
export function jointOf(rescue: Rescue, { model }: Target): Joint {
  const { position, said } = rescue;
  const whole = rescue.manner === 'restart';
  const matcher = rescue.matcher();
  const usage = usageReceived(position, whole, matcher, rescue.facts?.usage ?? null, said);
  return {
    get before() {
      return matcher.anew ? 0 : said;
    },
    usage,
    goOn: (encoder) => createGoOn(encoder, { position, matcher, whole, model, usage }),
  };
}

/**
 * The rest of the client's stream, out of an answer that came whole.
 * @throws GatewayError when it does not go on.
 */
export function restOf(
  call: Call,
  client: Dialect,
  { target, tools }: Leg,
  rescue: Rescue,
  joint: Joint,
  wallMs: number,
  answer: ChatAnswer,
): Buffer | string {
  const own = furtherEncoder(call, client, target, wallMs, tools, rescue.position);
  const encoder = joint.goOn(own);
  const frames = new FrameWriter(clientFrames(call, client), true);
  for (const delta of deltasOf(answer)) encoder.encode(delta, frames);
  frames.close();
  return frames.take();
}
