/** Paths of what the neutral form cannot hold, gathered while a request is decoded. */
export interface Unmapped {
  dropped: string[];
  mustNotDrop: string[];
}
