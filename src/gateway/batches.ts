// Charging of batches, put together: what is read of them, who may charge it, and whose budgets it counts in.
import type { BatchState, BatchWatch } from '../contracts/batch-watch.ts';
import type { SinkDecorator } from '../contracts/call.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { countedHeaders } from '../limits/counted-headers.ts';
import type { Limiter } from '../limiter/limiter.ts';
import { BatchCharges } from '../pipeline/batches/batch-charges.ts';
import { createBatchSink } from '../pipeline/batches/batch-sink.ts';
import { followBatch, type FollowBatchDeps } from '../pipeline/batches/follow-batch.ts';
import type { Settle } from '../pipeline/settle.ts';
import { dialectByName } from '../registry/dialects.ts';
import { onceAlone } from './alone.ts';
import type { Effects } from './effects.ts';

export interface Batches {
  /** Charges what is read of them. */
  readonly sink: SinkDecorator;
  /** Asks after one for nobody. Never rejects. */
  follow(snapshot: Snapshot, watch: BatchWatch): Promise<BatchState>;
}

export function createBatches(
  { clock, directory, log, once = onceAlone() }: Pick<GatewayPorts, 'clock' | 'directory' | 'log' | 'once'>,
  settle: Settle,
  limiter: Pick<Limiter, 'book'>,
  { headers, objects, openStorage }: Pick<Effects, 'headers' | 'objects' | 'openStorage'>,
): Batches {
  const charges = new BatchCharges({
    clock,
    settle,
    once,
    book({ snapshot, principal, customer, model, provider, costNano, head }) {
      if (principal === null || snapshot.limits === null || !(Number(costNano) > 0)) return;
      const { name, organization, team, user, project, tags, rules } = principal;
      const charge = {
        ...{ at: clock.wall(), key: name, organization: organization ?? '', team: team ?? '' },
        ...{ user: user ?? '', customer: customer ?? '', project: project ?? '', tags },
        ...{
          model,
          provider,
          nano: costNano!,
          countedHeaders: countedHeaders(snapshot.limits, head.headers),
        },
      };
      const ofKeys = new Map([[name, rules]]);
      limiter.book({ ofConfig: snapshot.config.limits, ofKeys }, [charge]);
    },
  });
  const reads = { charges, dialect: dialectByName };
  const follows: FollowBatchDeps = {
    ...{ ...reads, clock, log, book: objects },
    headersOf: (speaker, key, path, fromOrigin) =>
      headers.sign(headers.own(speaker, key), speaker, key, 'GET', path, null, fromOrigin),
    storage: { open: openStorage, headersOf: headers.stored },
    named: (name: string) => directory.named(name),
  };
  return {
    sink: createBatchSink(reads),
    follow: (snapshot, watch) => followBatch(follows, snapshot, watch),
  };
}
