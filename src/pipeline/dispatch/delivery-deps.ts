// What the client's side of an answer needs from outside.
import type { Target } from '../../contracts/plan.ts';
import type { Offload } from '../../contracts/ports.ts';
import type { EventRoom } from '../../contracts/upstream.ts';
import type { Clocks } from '../clocks.ts';
import type { MadeObjectsDeps } from '../made-objects.ts';
import type { ReplyDeps } from './reply-whole.ts';

export interface DeliveryDeps extends ReplyDeps, MadeObjectsDeps {
  clocks: Clocks;
  offload: Offload | null;
  /** Memory that large unfinished events share. */
  eventRoom: EventRoom;
  /** An upstream sent a stream that cannot be read. */
  malformed(target: Target): void;
}
