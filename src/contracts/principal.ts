/**
 * Who calls: one frozen object per key, made by the directory when it hears of the key and the same in every call that
 * presents it. What stands here is what something reads: limits and the access line go by the name. Team, customer, tags
 * and what it is permitted come in here with the gatehouse, which will know them.
 */
export interface Principal {
  /** Of its key in the configuration, `anonymous` without one. */
  readonly name: string;
}
