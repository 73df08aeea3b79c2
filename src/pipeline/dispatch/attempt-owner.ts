// What an attempt tells who made it.
import type { GatewayError } from '../../contracts/errors.ts';
import type { UpstreamHeaders } from '../../contracts/upstream.ts';
import type { StreamRelay } from '../answer/stream-relay.ts';

/** Who made the attempt: the dispatcher. Exactly one of failed, answered and streamed is called per attempt. */
export interface AttemptOwner<Attempt> {
  /** Nothing reached the client, or `committed`: part of a stream did. */
  failed(attempt: Attempt, error: GatewayError): void;
  /** A whole, successful answer. */
  answered(attempt: Attempt, headers: UpstreamHeaders, body: Buffer): void;
  /** The stream reached its end and the client has it all. */
  streamed(attempt: Attempt): void;
  openStream(attempt: Attempt, headers: UpstreamHeaders): StreamRelay;
  /** A stream stands still longer than such streams do. @returns whether it is to fail with `error`. */
  stalled(error: GatewayError): boolean;
  /** Its upstream has let go of the request's body. Comes before `failed` and `answered`, and behind `streamed`. */
  closed(): void;
}
