// What stands around answers, in order: decorators of the sink and delta filters. The lists of everything there is.
import type { Seams } from '../pipeline/flows.ts';

export const seams: Seams = {
  sinks: [],
  filters: [],
};
