// The Redis that several gateways share, as it is configured.

/** Where the counters of the limits live when several gateways share them. */
export interface RedisConfig {
  url: string;
  /** `lease`: workers take batches; `strict`: one script call a request. */
  mode: 'lease' | 'strict';
  /** What limited calls meet while Redis cannot be asked. */
  onFailure: 'open' | 'closed';
  /** ms a call waits for Redis, 50 if absent; the other deadlines follow from it. */
  timeoutMs?: number;
  /** PEM of the authorities to trust in place of the well-known ones. */
  ca?: string;
}
