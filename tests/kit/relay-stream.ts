// An upstream's stream through the gateway's own relay, byte path or translated, as an attempt drives it.
import type { AnswerContext, Dialect } from '../../src/contracts/dialect.ts';
import { GatewayError } from '../../src/contracts/errors.ts';
import { faultError } from '../../src/dialects/fault-error.ts';
import { ByteRelay } from '../../src/pipeline/byte-relay.ts';
import type { Relay, StreamOut } from '../../src/pipeline/stream-relay.ts';
import { TranslateRelay } from '../../src/pipeline/translate-relay.ts';
import { readableFrames } from './frames.ts';
import { told } from './told.ts';

export interface Relayed {
  /** What the client has, frames in readable form; an error event is the last thing in it when the stream broke. */
  text: string;
  error: GatewayError | null;
  relay: Relay;
}

/** @param gated another target could take over: nothing goes out before content. */
export function relayStream(
  chunks: readonly Buffer[],
  from: Dialect,
  to: Dialect,
  context: AnswerContext,
  gated = false,
): Relayed {
  const parts: Buffer[] = [];
  const relay = makeRelay(from, to, context, gated, (bytes) => parts.push(Buffer.from(bytes as string)));
  let error: GatewayError | null = null;
  let failure = '';
  try {
    for (const chunk of chunks) if (!relay.finished) relay.data(chunk);
    if (!relay.finished) relay.ended();
  } catch (cause) {
    if (!(cause instanceof GatewayError)) throw cause;
    error = cause;
    failure = told((out) => to.errors.encodeStream(cause, context.requestId, out));
  }
  relay.close();
  const bytes = Buffer.concat(parts);
  const text = to.chat.framing.name === 'sse' ? bytes.toString() : readableFrames(bytes);
  return { text: text + failure, error, relay };
}

/** The relay alone. */
export function makeRelay(
  from: Dialect,
  to: Dialect,
  context: AnswerContext,
  gated: boolean,
  write: StreamOut['write'],
): Relay {
  const out: StreamOut = { gated, write, faulted: (fault) => faultError(fault), malformed() {} };
  const scanner = from.chat.framing.createScanner({ maxEventBytes: 1024 * 1024 });
  if (from === to) return new ByteRelay(scanner, to.chat.createWatcher(context), out);
  const encoder = to.chat.createEncoder(context);
  return new TranslateRelay(scanner, from.chat.createDecoder(), encoder, to.chat.framing, out);
}
