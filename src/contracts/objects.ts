// Objects that providers keep for callers (files, batches, videos): whose they are. A provider knows but the gateway's own key,
// so that without this anybody could read everybody's.

/** Who made an object, and where it is. Plain data: it crosses processes and lies in stores. */
export interface ObjectOwner {
  /** Id of the principal. */
  readonly owner: string;
  readonly provider: string;
  /** Models that the lines of a file name; absent = nobody looked, or could tell. */
  readonly models?: readonly string[];
  /** In its place: models that some of its lines name, where others name none. */
  readonly mentions?: readonly string[];
}

/** What a worker asks of those that know more than it: its primary, and Redis behind it. */
export interface OwnerRecords {
  /** @param anew it counts only where nobody knows another. */
  tell(id: string, owner: ObjectOwner, anew?: true): void;
  /** In the order of `ids`; null where nobody knows, or nobody answered in time. Never rejects. */
  ask(ids: readonly string[]): Promise<(ObjectOwner | null)[]>;
}

export interface ObjectBook {
  /** An object was made; to be called before its client hears of it. */
  note(id: string, owner: ObjectOwner): void;
  /** An answer speaks of an object: it is its caller's unless somebody is known whose it is. */
  claim(id: string, owner: ObjectOwner): void;
  /** Whose it is; null = nobody knows. */
  find(id: string): ObjectOwner | null | Promise<ObjectOwner | null>;
  /** In the order of `ids`. */
  many(ids: readonly string[]): Promise<(ObjectOwner | null)[]>;
}
