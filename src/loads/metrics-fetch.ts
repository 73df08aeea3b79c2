// A page over HTTP, with a bound on its size and a deadline.
import type { Upstream, UpstreamCall } from '../contracts/upstream.ts';
import { behindTurns } from '../ipc/behind-reads.ts';

const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/** @throws Error that says why there is none. */
export function fetchPage(
  upstream: Upstream,
  path: string,
  headers: Record<string, string>,
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const fail = (reason: string): void => {
      timer.clear();
      reject(new Error(reason));
    };
    const giveUp = (reason: string): void => {
      call.abort();
      fail(reason);
    };
    const timer = behindTurns(timeoutMs, () => giveUp('not answered in its time'));
    timer.unref();
    const call: UpstreamCall = upstream.send(
      { method: 'GET', path, headers, body: null },
      {
        onSent() {},
        onHead(status) {
          if (status !== 200) giveUp(`answered with status ${status}`);
        },
        onData(chunk) {
          bytes += chunk.length;
          if (bytes > MAX_PAGE_BYTES) giveUp('its page is too large');
          else chunks.push(chunk);
        },
        onEnd() {
          timer.clear();
          resolve(Buffer.concat(chunks, bytes).toString('utf8'));
        },
        onError: (error) => fail(error.errorType),
      },
    );
  });
}
