// What a call used that is not told in tokens.
import type { Meter } from './operation.ts';

/** By meter; null = nothing was said of it. Tokens are in `Usage`, and a call is one request. */
export type Quantities = Readonly<Record<Exclude<Meter, 'requests' | 'tokens' | 'pages'>, number | null>> & {
  /** Pages that were read; absent = nothing was said of any. */
  readonly pages?: number;
  /** How large a film is, as the answer has it: `1792x1024`. Absent = nothing was said of any. */
  readonly size?: string;
};

/** Nothing said of anything: what an answer tells is written over it. */
export const NO_QUANTITIES: Quantities = { images: null, characters: null, seconds: null, searches: null };
