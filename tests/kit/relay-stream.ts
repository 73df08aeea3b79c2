// An upstream's stream through the gateway's own relay, byte path or translated, as an attempt drives it.
import type { AnswerContext, Dialect } from '../../src/contracts/dialect.ts';
import { GatewayError } from '../../src/contracts/errors.ts';
import { faultError } from '../../src/dialects/fault-error.ts';
import { sealingEncoder } from '../../src/dialects/sealing-encoder.ts';
import { ByteRelay } from '../../src/pipeline/answer/byte-relay.ts';
import type { Relay, StreamOut } from '../../src/pipeline/answer/stream-relay.ts';
import { TranslateRelay } from '../../src/pipeline/answer/translate-relay.ts';
import { readableFrames } from './frames.ts';
import { told } from './told.ts';

export interface Relayed {
  /** What the client has, frames in readable form; an error event is the last thing in it when the stream broke. */
  text: string;
  error: GatewayError | null;
  relay: Relay;
}

/**
 * @param gated another target could take over: nothing goes out before content.
 * @param sealed proofs are wrapped as the client of another vendor keeps them.
 */
export function relayStream(
  chunks: readonly Buffer[],
  from: Dialect,
  to: Dialect,
  context: AnswerContext,
  gated = false,
  sealed = false,
): Relayed {
  const parts: Buffer[] = [];
  const write: StreamOut['write'] = (bytes) => parts.push(Buffer.from(bytes as string));
  const relay = makeRelay(from, to, context, gated, write, sealed);
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
  sealed = false,
): Relay {
  const out: StreamOut = { gated, write, faulted: (fault) => faultError(fault), malformed() {} };
  const scanner = from.chat.framing.createScanner({ maxEventBytes: 1024 * 1024 });
  if (from === to) return new ByteRelay(scanner, to.chat.createWatcher(context), out);
  const { maker } = from.manner;
  const plain = to.chat.createEncoder(context);
  const encoder =
    !sealed || maker === null || maker === to.manner.maker
      ? plain
      : sealingEncoder(plain, { maker, organization: '', joins: to.manner.joinsProofs });
  return new TranslateRelay(scanner, from.chat.createDecoder(), encoder, to.chat.framing, out);
}
