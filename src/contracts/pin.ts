/** Where a conversation's calls go among the keys of a provider, as its signed reasoning is good at one organisation only. */
export interface Pin {
  /** Whose key made what the history holds; null = it does not say. */
  organization: string | null;
  /** Of what the conversation is known by: the same for each of its turns. 32 bits. */
  hash: number;
}

/** A pin, and what else of a call its key is chosen by. */
export interface KeyChoice extends Pin {
  /** Of the keys that may take it the conversation keeps one: the model's strategy is `hash`. */
  steady: boolean;
}
