// What stands around answers, in order: decorators of the sink and delta filters. The lists of everything there is.
import type { Seams } from '../pipeline/flows.ts';

export function createSeams({ recorder }: { recorder: Seams['sinks'][number] }): Seams {
  return {
    sinks: [
      recorder, // next to the client: what is kept is what it got
    ],
    filters: [],
  };
}
