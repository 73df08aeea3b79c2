// What stands around answers, in order: decorators of the sink and delta filters. The lists of everything there is.
import type { SinkDecorator } from '../contracts/call.ts';
import { BATCH_READS } from '../pipeline/batches/batch-sink.ts';
import type { Seams } from '../pipeline/flows.ts';
import { tellCost } from '../pipeline/usage-cost/cost-sink.ts';

export interface SeamParts {
  /** Cohere's first API. */
  readonly firstChat: SinkDecorator;
  readonly recorder: Seams['sinks'][number];
  readonly bodies: SinkDecorator;
  /** Charges what batches used when it is read. */
  readonly batches: SinkDecorator;
}

export function createSeams({ firstChat, recorder, bodies, batches }: SeamParts): Seams {
  return {
    sinks: [
      // Next to the client, before all else: the others know the second API alone.
      { create: firstChat, needed: (_, { name }) => name === 'chat', inner: false },
      // Next to the client: what is told to one is kept for nobody else.
      { create: tellCost, needed: (_, { answer, billed }) => billed && answer !== 'socket', inner: false },
      { create: batches, needed: (_, { name }) => BATCH_READS.has(name), inner: false },
      { create: bodies, needed: ({ config }) => config.log.bodies.length > 0 },
      recorder, // next to the client: what is kept is what it got
    ],
    filters: [],
  };
}
