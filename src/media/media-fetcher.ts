// Fetches the files of requests, off their way otherwise: bounded in number, bytes and time, a few requests at once. What was
// fetched is kept by nobody.
import type { MediaFetchConfig } from '../contracts/reach-config.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { FetchedMedia, MediaByUrl, MediaFetcher, WantedMedia } from '../contracts/media.ts';
import { trueMediaType } from '../dialects/media-bytes.ts';
import { abortBehindTurns } from '../ipc/behind-reads.ts';
import { type DownloadDeps, download, MediaFault } from './media-download.ts';

/** Requests of one worker whose files are being fetched: in memory are at most so many times `maxBytes`. */
const MAX_AT_ONCE = 16;
/** Those that wait for their turn. */
const MAX_WAITING = 256;

const FIELDS: Readonly<Record<WantedMedia['kind'], string>> = {
  image: 'messages[].content[].image_url.url',
  document: 'messages[].content[].file',
  video: 'messages[].content[].video',
};

/** What may come for what was asked for: a page that says "log in" is no picture. */
const TYPES: Readonly<Record<WantedMedia['kind'], RegExp>> = {
  image: /^image\/(?!svg)/,
  document: /^(?:application\/(?:pdf|json|msword|vnd\.(?:openxmlformats|ms-)[\w.-]+)|text\/)/,
  video: /^video\//,
};

export interface MediaFetcherDeps extends DownloadDeps {
  /** Hears of each file. */
  fetched(outcome: 'ok' | 'failed'): void;
}

export function createMediaFetcher(deps: MediaFetcherDeps): MediaFetcher {
  const turns = new Turns();
  return {
    async fetch(wanted, config, signal) {
      if (wanted.length > config.maxFiles) {
        const message = `At most ${config.maxFiles} files are fetched for a request; send the bytes of others.`;
        throw new GatewayError('GW_CLIENT_UNSUPPORTED', { param: FIELDS[wanted[0]!.kind], message });
      }
      const late = abortBehindTurns(config.timeoutMs);
      // One that fails ends the others.
      const failed = new AbortController();
      const all = AbortSignal.any([signal, late, failed.signal]);
      await turns.take(all);
      try {
        return await fetchAll(wanted, config, deps, all);
      } catch (cause) {
        failed.abort();
        if (signal.aborted) throw signal.reason;
        throw cause;
      } finally {
        turns.leave();
      }
    },
  };
}

async function fetchAll(
  wanted: readonly WantedMedia[],
  config: MediaFetchConfig,
  deps: MediaFetcherDeps,
  signal: AbortSignal,
): Promise<MediaByUrl> {
  let left = config.maxBytes;
  const room = (bytes: number): boolean => {
    left -= bytes;
    return left >= 0;
  };
  const files = await Promise.all(
    wanted.map(async (one): Promise<[string, FetchedMedia]> => {
      try {
        const { bytes, mediaType: named } = await download(one.url, config, room, deps, signal);
        const data = bytes.toString('base64');
        const mediaType = trueMediaType(named, data);
        if (!TYPES[one.kind].test(mediaType))
          throw new MediaFault(`it is ${mediaType || 'of no known type'}`);
        deps.fetched('ok');
        return [one.url, { mediaType, data }];
      } catch (cause) {
        deps.fetched('failed');
        throw unfetched(one, cause, config);
      }
    }),
  );
  return Object.fromEntries(files);
}

// What the network says stays in the cause: it could tell a stranger what stands where.
function unfetched(
  { url, kind }: WantedMedia,
  cause: unknown,
  { timeoutMs }: MediaFetchConfig,
): GatewayError {
  const shown = url.length > 200 ? `${url.slice(0, 200)}…` : url;
  const late = cause instanceof Error && (cause.name === 'TimeoutError' || cause.name === 'AbortError');
  const why =
    cause instanceof MediaFault
      ? cause.message
      : late
        ? `it took longer than ${timeoutMs} ms`
        : 'its server could not be reached';
  const message = `The provider of this model takes bytes alone, and '${shown}' could not be fetched: ${why}.`;
  return new GatewayError('GW_CLIENT_UNSUPPORTED', { param: FIELDS[kind], message, cause });
}

/** A few at once, the others in order of arrival. */
class Turns {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @throws GatewayError GW_GATEWAY_BUSY; the reason of `signal` when it aborts first. */
  async take(signal: AbortSignal): Promise<void> {
    if (this.#running < MAX_AT_ONCE) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) throw new GatewayError('GW_GATEWAY_BUSY');
    await new Promise<void>((resolve, reject) => {
      const gone = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(come), 1);
        reject(new GatewayError('GW_GATEWAY_BUSY', { cause: signal.reason }));
      };
      const come = (): void => {
        signal.removeEventListener('abort', gone);
        resolve();
      };
      signal.addEventListener('abort', gone, { once: true });
      this.#waiting.push(come);
    });
  }

  /** The turn goes to the next one that waits. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}
