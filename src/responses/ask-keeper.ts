// One request about a response to the provider that keeps it: beside the lane's queue, since it asks nothing of a model.
import type { Lane, RingKey } from '../contracts/lane.ts';
import type { Upstream, UpstreamCall } from '../contracts/upstream.ts';
import { GatewayError } from '../contracts/errors.ts';
import { behindTurns } from '../ipc/behind-reads.ts';

const MAX_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

export interface KeeperAnswer {
  status: number;
  body: Buffer;
}

export interface KeeperQuestion {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  /** `path` is below the origin of its provider alone; absent = below its base URL. */
  fromOrigin?: boolean;
  headers: Record<string, string>;
  /** JSON. */
  body?: Buffer | null;
  /** More than so much is no answer (`askKeeper`); absent = 64 MiB. */
  maxBytes?: number;
}

/** A key that may be used for the model that made it; null where the provider needs none, or none is to be had. */
export function keyFor(lane: Lane, model: string): RingKey | null {
  return lane.provider.keys.length === 0 ? null : lane.keys.pick(model, []);
}

/** Rejects with a GatewayError where nothing can be told. */
export async function askKeeper(upstream: Upstream, question: KeeperQuestion): Promise<KeeperAnswer> {
  const { maxBytes = MAX_BYTES } = question;
  const chunks: Buffer[] = [];
  let bytes = 0;
  const status = await send(upstream, question, false, (chunk) => {
    bytes += chunk.length;
    if (bytes > maxBytes) return false;
    chunks.push(chunk);
    return true;
  });
  return { status, body: Buffer.concat(chunks, bytes) };
}

/**
 * What is kept there, as it comes and however long it is: of a 200 alone. Resolves to the status, when all of it was taken; rejects as
 * `askKeeper` does, also behind a part of it.
 */
export function readKept(
  upstream: Upstream,
  question: KeeperQuestion,
  take: (chunk: Buffer) => void,
): Promise<number> {
  return send(upstream, question, true, (chunk, status) => {
    if (status === 200) take(chunk);
    return true;
  });
}

/** @param long there is a time for each piece, not for all. @param take false: it is too much. */
function send(
  upstream: Upstream,
  { method, path, fromOrigin = false, headers, body = null }: KeeperQuestion,
  long: boolean,
  take: (chunk: Buffer, status: number) => boolean,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let status = 0;
    const timer = behindTurns(TIMEOUT_MS, () => {
      call.abort();
      reject(new GatewayError('GW_UPSTREAM_TIMEOUT_HEADERS'));
    });
    timer.unref();
    const call: UpstreamCall = upstream.send(
      // On a connection of its own: one that was just closed would have to be asked again.
      { method, path, fromOrigin, headers, body, fresh: true },
      {
        onSent() {},
        onHead(code) {
          status = code;
        },
        onData(chunk) {
          if (long) timer.refresh();
          if (take(chunk, status)) return;
          call.abort();
          timer.clear();
          reject(new GatewayError('GW_UPSTREAM_TOO_LARGE'));
        },
        onEnd() {
          timer.clear();
          resolve(status);
        },
        onError(error) {
          timer.clear();
          reject(error);
        },
      },
    );
  });
}
