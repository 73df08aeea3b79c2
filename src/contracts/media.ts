// Pictures, documents and videos that a request only gives the address of, for vendors that take bytes alone.
import type { MediaFetchConfig } from './reach-config.ts';

/** What a request holds the address of. */
export interface WantedMedia {
  url: string;
  kind: 'image' | 'document' | 'video';
}

/** What was found there. */
export interface FetchedMedia {
  mediaType: string;
  /** Standard base64. */
  data: string;
}

/** By address. */
export type MediaByUrl = Readonly<Record<string, FetchedMedia>>;

export interface MediaFetcher {
  /**
   * Gets all of them, or none.
   *
   * @param signal gives it up.
   * @throws GatewayError GW_CLIENT_UNSUPPORTED that says which address could not be had and why; GW_GATEWAY_BUSY.
   */
  fetch(wanted: readonly WantedMedia[], config: MediaFetchConfig, signal: AbortSignal): Promise<MediaByUrl>;
}
