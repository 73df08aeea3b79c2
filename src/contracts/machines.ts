// Workers of other gateways that share a Redis with this one: where a conversation of the chat socket may be that is nowhere here.

/** Nothing here rejects. */
export interface Machines {
  /** Name of this worker among all of theirs: its tokens begin with it, so that who is shown one knows whom to ask. */
  readonly here: string;
  /** Whether there is something here that others may ask for. */
  listen(on: boolean): void;
  /**
   * @param place `here` of the worker that is asked.
   * @param owner id of the key that asks
   * @returns its answer; null: there is none of this name, it has nothing for this key, or it did not answer in time.
   */
  ask(place: string, owner: string, wish: string): Promise<string | null>;
}

/** What a worker says to another's wish; null: it has nothing. */
export type Heard = (owner: string, wish: string) => string | null;
