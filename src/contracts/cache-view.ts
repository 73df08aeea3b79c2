// What workers say of the answers they keep.

export interface CacheTold {
  /** In memory. */
  entries: number;
  bytes: number;
  /** How many a purge took, in Redis too. */
  gone: number;
}
