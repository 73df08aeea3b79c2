// What stands around answers, in order: decorators of the sink and delta filters. The lists of everything there is.
import type { SinkDecorator } from '../contracts/call.ts';
import type { Seams } from '../pipeline/flows.ts';

export interface SeamParts {
  readonly recorder: Seams['sinks'][number];
  readonly bodies: SinkDecorator;
}

export function createSeams({ recorder, bodies }: SeamParts): Seams {
  return {
    sinks: [
      { create: bodies, needed: ({ config }) => config.log.bodies.length > 0 },
      recorder, // next to the client: what is kept is what it got
    ],
    filters: [],
  };
}
