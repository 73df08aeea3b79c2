// What workers say of the answers they keep.

export interface CacheTold {
  /** In memory. */
  entries: number;
  bytes: number;
  /** How many a purge took, in Redis too. */
  gone: number;
  /** What is kept somewhere could not be purged: Redis was not to be asked, or somebody did not answer. */
  missed: boolean;
}
