// The events of a response that its provider keeps, as it tells them and by its numbers: for who lost the stream that came from there.
import { GatewayError } from '../contracts/errors.ts';
import type { Sink } from '../contracts/sink.ts';
import type { Upstream, UpstreamCall } from '../contracts/upstream.ts';
import type { KeeperQuestion } from './ask-keeper.ts';
import { startEvents } from './follow.ts';

const HEAD_MS = 60_000;
/** A model that thinks may say nothing for long. */
const SILENT_MS = 600_000;

/**
 * Hands a stream on to a client, of a 200 alone: else nothing was said to it. Resolves to the status, when the stream ended; one that
 * breaks off is cut, so that its client asks for the rest. Rejects with a GatewayError while nothing was said.
 */
export function relayKept(upstream: Upstream, question: KeeperQuestion, sink: Sink): Promise<number> {
  return new Promise((resolve, reject) => {
    let status = 0;
    const broken = (error: GatewayError): void => {
      clearTimeout(timer);
      if (status !== 200) reject(error);
      else {
        if (!sink.closed) sink.cut();
        resolve(status);
      }
    };
    const late = (): void => {
      call.abort();
      broken(new GatewayError('GW_UPSTREAM_TIMEOUT_HEADERS'));
    };
    let timer = setTimeout(late, HEAD_MS).unref();
    const call: UpstreamCall = upstream.send(
      { ...question, body: question.body ?? null, fresh: true },
      {
        onSent() {},
        onHead(code) {
          status = code;
          if (code !== 200) return;
          clearTimeout(timer);
          timer = setTimeout(late, SILENT_MS).unref();
          startEvents(sink);
        },
        onData(chunk) {
          timer.refresh();
          if (status !== 200) return;
          if (sink.closed) {
            call.abort();
            clearTimeout(timer);
            resolve(status);
          } else if (!sink.chunk(chunk)) {
            call.pause();
            sink.onDrain = () => call.resume();
          }
        },
        onEnd() {
          clearTimeout(timer);
          if (status === 200 && !sink.closed) sink.end();
          resolve(status);
        },
        onError: broken,
      },
    );
  });
}
