// What a request's decoder finds on its way that has no neutral form, by path.
import type { Spelling } from './spelling.ts';

export interface Notes {
  dropped: string[];
  mustNotDrop: string[];
  adapted: string[];
  readonly spelling: Spelling;
}
