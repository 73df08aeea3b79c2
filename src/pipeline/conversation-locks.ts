// One turn at a time in a conversation, whichever worker or node it comes to: the next waits until what the one before added is
// where all find it, so that it builds on it and neither is lost. Who waits too long is told as the vendor tells it.
import type { Call } from '../contracts/call.ts';
import type { Claims } from '../contracts/claims.ts';
import type { Config } from '../contracts/config.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { CallObserver } from '../contracts/ports.ts';
import { behindReads, type Deadline } from '../ipc/behind-reads.ts';

/** ms that a turn waits for the ones before it. */
const WAIT_MS = 30_000;

export interface ConversationLocks extends CallObserver {
  /**
   * Waits until the conversation is this call's, which it is until the call has settled.
   * @returns null, or why it is not. Never rejects.
   */
  take(call: Call, id: string): Promise<GatewayError | null>;
  /** It stays this call's until `written` resolves. */
  until(call: Call, written: Promise<void>): void;
}

interface Held {
  readonly name: string;
  readonly claims: Claims;
  written: Promise<void> | null;
}

/** @param claimsOf who is asked, by the configuration of the call. */
export function createConversationLocks(
  claimsOf: (config: Config) => Claims,
  waitMs = WAIT_MS,
): ConversationLocks {
  const held = new Map<Call, Held>();

  function free({ name, claims, written }: Held): void {
    if (written === null) claims.settle(name, null);
    else void written.then(() => claims.settle(name, null));
  }

  return {
    async take(call, id) {
      const claims = claimsOf(call.snapshot.config);
      const name = `v${call.principal!.id}\n${id}`;
      let waiting = true;
      let timer: Deadline | undefined;
      const claim = claims.claim(name, '', null).then(({ kind }) => {
        // Nobody could be asked: better two turns at once than none.
        if (kind !== 'mine') return null;
        if (!waiting || call.settled) claims.settle(name, null);
        else held.set(call, { name, claims, written: null });
        return null;
      });
      const late = new Promise<GatewayError>((resolve) => {
        timer = behindReads(waitMs, () => resolve(new GatewayError('GW_CLIENT_CONVERSATION_LOCKED'))).unref();
      });
      const result = await Promise.race([claim, late]);
      waiting = false;
      timer?.clear();
      return result;
    },
    until(call, written) {
      const lock = held.get(call);
      if (lock !== undefined) lock.written = written;
    },
    settled(call) {
      const lock = held.get(call);
      if (lock === undefined) return;
      held.delete(call);
      free(lock);
    },
  };
}
