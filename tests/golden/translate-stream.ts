// An upstream's stream through decoder and encoder, as the pipeline's relay does it: used by goldens and properties.
import type { AnswerContext, Dialect } from '../../src/contracts/dialect.ts';
import { GatewayError } from '../../src/contracts/errors.ts';
import { createSseScanner, type SseBatch } from '../../src/upstream/sse.ts';

/** The client's stream; a fault or a missing end is the client's error event, and nothing follows it. */
export function translateStream(
  chunks: readonly Buffer[],
  from: Dialect,
  to: Dialect,
  context: AnswerContext,
): string {
  const scanner = createSseScanner({ maxEventBytes: 1024 * 1024 });
  const decoder = from.chat.createDecoder();
  const encoder = to.chat.createEncoder(context);
  let out = '';
  const take = (batch: SseBatch): void => {
    for (let at = 0; at < batch.count; at++) {
      const data = batch.data[at];
      if (typeof data !== 'string') continue;
      for (const delta of decoder.decode(batch.event[at]!, data)) out += encoder.encode(delta);
    }
  };
  try {
    for (const chunk of chunks) take(scanner.push(chunk));
    take(scanner.flush());
    for (const delta of decoder.finish()) out += encoder.encode(delta);
    if (!decoder.complete) throw new GatewayError('GW_UPSTREAM_TRUNCATED');
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    out += to.errors.encodeStream(error, context.requestId);
  }
  return out.trimEnd();
}
