// What a request's decoder finds on its way that has no neutral form, by path.

export interface Unmapped {
  dropped: string[];
  /** Nobody may serve the request without it. */
  mustNotDrop: string[];
  /** Documents that shall be cited. */
  citations?: string[];
}

export interface Notes extends Unmapped {
  adapted: string[];
}
