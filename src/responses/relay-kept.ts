// The events of a response that its provider keeps, as it tells them and by its numbers: for who lost the stream that came from there.
import type { Call, Cancellable } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Upstream, UpstreamCall } from '../contracts/upstream.ts';
import { behindTurns } from '../ipc/behind-reads.ts';
import type { KeeperQuestion } from './ask-keeper.ts';
import { startEvents } from './follow.ts';

const HEAD_MS = 60_000;
/** A model that thinks may say nothing for long. */
const SILENT_MS = 600_000;

/**
 * Hands a stream on to a client, where it is one: some providers refuse to tell what was not made as a stream, others say all of it as
 * JSON. Resolves when it ended, or its client left, or to false where nothing was said to the client; one that breaks off is cut, so that
 * its client asks for the rest. Rejects with a GatewayError while nothing was said.
 * @param call whose work it is meanwhile.
 */
export function relayKept(
  upstream: Upstream,
  question: KeeperQuestion,
  call: Pick<Call, 'sink' | 'begin' | 'finish'>,
): Promise<boolean> {
  const { sink } = call;
  // Its provider may say nothing for long: who leaves in the meantime is not waited for.
  const work: Cancellable = { cancel: () => undefined };
  call.begin(work);
  const told = new Promise<boolean>((resolve, reject) => {
    let tells = false;
    const broken = (error: GatewayError): void => {
      timer.clear();
      work.cancel = () => undefined;
      if (!tells) reject(error);
      else {
        if (!sink.closed) sink.cut();
        resolve(true);
      }
    };
    work.cancel = (reason) => {
      asked.abort();
      broken(reason);
    };
    const late = (): void => {
      asked.abort();
      broken(new GatewayError('GW_UPSTREAM_TIMEOUT_HEADERS'));
    };
    let timer = behindTurns(HEAD_MS, late).unref();
    const asked: UpstreamCall = upstream.send(
      { ...question, body: question.body ?? null, fresh: true },
      {
        onSent() {},
        onHead(status, headers) {
          tells = status === 200 && isStream(headers['content-type']);
          if (!tells) return;
          timer.clear();
          timer = behindTurns(SILENT_MS, late).unref();
          startEvents(sink);
        },
        onData(chunk) {
          timer.refresh();
          if (!tells) return;
          if (sink.closed) {
            asked.abort();
            timer.clear();
            resolve(true);
          } else if (!sink.chunk(chunk)) {
            asked.pause();
            sink.onDrain = () => asked.resume();
          }
        },
        onEnd() {
          timer.clear();
          if (tells && !sink.closed) sink.end();
          resolve(tells);
        },
        onError: broken,
      },
    );
  });
  return told.finally(() => call.finish(work));
}

function isStream(type: string | string[] | undefined): boolean {
  return typeof type === 'string' && /^text\/event-stream(?:$|[; ])/i.test(type);
}
