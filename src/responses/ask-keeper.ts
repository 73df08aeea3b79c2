// One request about a response to the provider that keeps it: beside the lane's queue, since it asks nothing of a model.
import type { Lane, RingKey } from '../contracts/lane.ts';
import type { Upstream, UpstreamCall } from '../contracts/upstream.ts';
import { GatewayError } from '../contracts/errors.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

export interface KeeperAnswer {
  status: number;
  body: Buffer;
}

export interface KeeperQuestion {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  headers: Record<string, string>;
  /** JSON. */
  body?: Buffer | null;
}

/** A key that may be used for the model that made it; null where the provider needs none, or none is to be had. */
export function keyFor(lane: Lane, model: string): RingKey | null {
  return lane.provider.keys.length === 0 ? null : lane.keys.pick(model, []);
}

/** Rejects with a GatewayError where nothing can be told. */
export function askKeeper(
  upstream: Upstream,
  { method, path, headers, body = null }: KeeperQuestion,
): Promise<KeeperAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let status = 0;
    const timer = setTimeout(() => {
      call.abort();
      reject(new GatewayError('GW_UPSTREAM_TIMEOUT_HEADERS'));
    }, TIMEOUT_MS);
    timer.unref();
    const call: UpstreamCall = upstream.send(
      // On a connection of its own: one that was just closed would have to be asked again.
      { method, path, headers, body, fresh: true },
      {
        onSent() {},
        onHead(code) {
          status = code;
        },
        onData(chunk) {
          bytes += chunk.length;
          if (bytes <= MAX_BYTES) chunks.push(chunk);
          else {
            call.abort();
            clearTimeout(timer);
            reject(new GatewayError('GW_UPSTREAM_TOO_LARGE'));
          }
        },
        onEnd() {
          clearTimeout(timer);
          resolve({ status, body: Buffer.concat(chunks, bytes) });
        },
        onError(error) {
          clearTimeout(timer);
          reject(error);
        },
      },
    );
  });
}
