// One page of a provider's list of models: asked over the provider's own connections, read as JSON.
import type { Upstream, UpstreamCall } from '../contracts/upstream.ts';
import { behindTurns } from '../ipc/behind-reads.ts';

/** A list of some hundred models with prices has about half a megabyte. */
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/** Why there is no page: an HTTP status, `too_large`, `not_json`, `timeout`, or the error type of a failed exchange. */
export class PageFault extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`no list of models: ${reason}`);
    this.name = 'PageFault';
    this.reason = reason;
  }
}

/**
 * Asks on a connection of its own: it waits behind no call, no call waits for it, and it finds no idle one closed.
 *
 * @param headers complete, as UpstreamRequest has them.
 * @throws PageFault
 */
export function askPage(
  upstream: Upstream,
  path: string,
  headers: Record<string, string>,
  timeoutMs: number,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let status = 0;
    let over = false;
    const fail = (reason: string): void => {
      if (over) return;
      over = true;
      timer.clear();
      reject(new PageFault(reason));
    };
    const giveUp = (reason: string): void => {
      call.abort();
      fail(reason);
    };
    const timer = behindTurns(timeoutMs, () => giveUp('timeout'));
    timer.unref();
    const call: UpstreamCall = upstream.send(
      { method: 'GET', path, headers, body: null, fresh: true },
      {
        onSent() {},
        onHead(code) {
          status = code;
          if (code !== 200) giveUp(`status_${code}`);
        },
        onData(chunk) {
          bytes += chunk.length;
          if (bytes > MAX_PAGE_BYTES) giveUp('too_large');
          else chunks.push(chunk);
        },
        onEnd() {
          if (over || status !== 200) return;
          try {
            const page: unknown = JSON.parse(Buffer.concat(chunks, bytes).toString('utf8'));
            over = true;
            timer.clear();
            resolve(page);
          } catch {
            fail('not_json');
          }
        },
        onError: (error) => fail(error.errorType),
      },
    );
  });
}
