// What the encoders of a request's insides need to know.
import type { EncodeTarget } from '../contracts/body.ts';
import type { Losses } from './losses.ts';

export interface EncodeScope {
  readonly target: EncodeTarget;
  readonly losses: Losses;
}
