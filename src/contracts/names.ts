// The port to look-ups of host names, shared by all of a process that connects by name (src/dns).
import type { DnsConfig } from './reach-config.ts';

export interface Address {
  address: string;
  family: 4 | 6;
}

/** Addresses of a name. */
export interface Found {
  /** Never empty; the preferred family first. */
  addresses: readonly Address[];
  /** All there are, from a source that is complete: an address that is not here is not the host's. */
  complete: boolean;
  /** Changes with each new answer. */
  serial: number;
}

export interface Names {
  /**
   * Addresses of `host`, which may itself be one (in brackets or not). A value where one is at hand.
   * @throws LookupFault, also by the promise.
   */
  find(host: string): Found | Promise<Found>;
  /** Other servers, other times. What is known stays known unless the servers changed. */
  configure(config: DnsConfig): void;
}
