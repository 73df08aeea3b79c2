export interface Gate {
  /** `http://host:port`, without a path. */
  readonly url: string;
  /** A key of the gateway's. */
  readonly key: string;
}
