// What a session needs from outside.
import type { Admission } from '../../contracts/admission.ts';
import type { Call } from '../../contracts/call.ts';
import type { Clock } from '../../contracts/ports.ts';
import type { MessageRights } from './own-messages.ts';
import type { SessionHandles } from './session-handles.ts';
import type { Refuser } from '../refuse.ts';
import type { Settle } from '../settle.ts';
import type { UpstreamHeaderBuilder } from '../upstream-headers.ts';

export interface TunnelDeps {
  readonly clock: Clock;
  readonly headers: UpstreamHeaderBuilder;
  readonly admission: Admission;
  /** Of what a client says. */
  readonly rights: MessageRights;
  readonly handles: SessionHandles;
  /** A session has begun, and is its caller's. */
  readonly made: (call: Call, provider: string, id: string) => void;
  readonly refuse: Refuser;
  readonly settle: Settle;
}
