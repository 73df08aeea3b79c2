// What the gateway reaches beside its providers: name servers, and files that requests point to.

/** Look-ups of names. */
export interface DnsConfig {
  /** `address` or `address:port`; empty = those of resolv.conf. */
  servers: string[];
  /** Longest wait for a name. */
  timeoutMs: number;
}

/** Files fetched for providers that take bytes alone. */
export interface MediaFetchConfig {
  enabled: boolean;
  /** Of all files of a request. */
  maxBytes: number;
  maxFiles: number;
  timeoutMs: number;
  plainHttp: boolean;
  /** Hosts of private networks too. */
  privateNetworks: boolean;
}
