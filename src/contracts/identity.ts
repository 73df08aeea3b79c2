/** Who calls. */
export interface ClientIdentity {
  /** Name of the key in the configuration, `anonymous` when none is needed. */
  name: string;
}
