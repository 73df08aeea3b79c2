// What the gateway keeps of Responses: turns that later ones build on, and conversations. By whom they were made is part
// of what they are found by, so that nobody else's can be told from none at all.

/** A turn that can be built on, or read again. Nobody writes into one. */
export interface StoredResponse {
  readonly kind: 'response';
  readonly id: string;
  /** Id of the principal whose it is. */
  readonly owner: string;
  /** Where it was made: provider, and name of the model there. */
  readonly provider: string;
  readonly model: string;
  /** That provider keeps it too, under the same id. */
  readonly upstream: boolean;
  /** Ids of the turns it was built on, oldest first. */
  readonly chain: readonly string[];
  /** The items it added, as the text of a JSON list. */
  readonly input: string;
  /** The response, or the event that held it, as JSON text. */
  readonly answer: Buffer | string;
  /** Of one that ran in the background as a stream: its events as they go on the wire, by their numbers. Grows while it runs. */
  readonly events?: readonly string[];
  /** ms since 1970. */
  readonly expiresMs: number;
}

/** Items that turns are put behind, and add to. */
export interface StoredConversation {
  readonly kind: 'conversation';
  readonly id: string;
  readonly owner: string;
  /** Rises with each change: of several copies the highest counts. */
  readonly version: number;
  /** Seconds since 1970. */
  readonly createdAt: number;
  /** JSON object. */
  readonly metadata: string;
  /** Oldest first, each the text of a JSON object with an id. */
  readonly items: readonly string[];
  readonly expiresMs: number;
}

export type Stored = StoredResponse | StoredConversation;

/**
 * Where turns are kept: in the memory of the worker that made them, or in a Redis that all share. A value at hand comes at
 * once; what another worker holds as a promise, which never rejects: what cannot be reached is not there.
 */
export interface ResponseStore {
  /** ms that what is put now is kept for; 0 = nothing is kept. */
  readonly ttlMs: number;
  put(value: Stored): void;
  /** Puts it. @returns what resolves when other nodes find it; null = there are none, or they cannot be told. Never rejects. */
  write(value: Stored): Promise<void> | null;
  get(owner: string, id: string): Stored | null | Promise<Stored | null>;
  /** In the order of `ids`; null where there is none. */
  many(owner: string, ids: readonly string[]): Promise<(Stored | null)[]>;
  /** A conversation as it is now, wherever it was changed last: a copy at hand may be an older one. Never rejects. */
  newest(owner: string, id: string): Promise<StoredConversation | null>;
  /** Other nodes find what is put here. */
  readonly shared: boolean;
  /** Asks whichever node runs this response to stop it; does nothing where none but this one could. */
  wishStop(owner: string, id: string): Promise<void>;
  /** Of responses that run here: which others asked to stop, in their order. Never rejects. */
  stopsWished(runs: readonly { owner: string; id: string }[]): Promise<boolean[]>;
  /** @returns whether it was there. */
  drop(owner: string, id: string): Promise<boolean>;
}

/** What a request to Responses goes on from: its answer says it again, kept or not. */
export interface BuiltOn {
  readonly previous: string | null;
  readonly conversation: string | null;
}

/** What of a call to Responses is to be kept when its answer is there: a fact of the call. */
export interface KeptTurn extends BuiltOn {
  /** Of the answer: ours, until an upstream whose bytes go through says its own. */
  id: string;
  readonly background: boolean;
  /** The conversation as it was found; null = none, or one that is not kept here. */
  readonly behind: StoredConversation | null;
  /** Ids of the turns before it, oldest first; empty behind a conversation. */
  readonly chain: readonly string[];
  /** The items that this turn adds, as the text of a JSON list. */
  readonly input: string;
  /** The response, or the event that held it, as JSON text, once it is there. */
  answer: Buffer | string | null;
  /** Of a stream in the background: its events so far, by their numbers. */
  events?: readonly string[];
}
