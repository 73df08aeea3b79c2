// A call that takes the answer of another one: it asks no provider, and ends with that answer.
import type { Call, Cancellable } from '../../contracts/call.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { Refuser } from '../refuse.ts';
import type { Settle } from '../settle.ts';
import type { FanOut } from './fan-out.ts';

export interface FollowerDeps {
  settle: Settle;
  refuse: Refuser;
}

/** Who makes the answer. */
interface Leader {
  /** Said behind its last byte; null = the answer was good. */
  readonly error: GatewayError | null;
}

export class Follower implements Cancellable {
  readonly #deps: FollowerDeps;
  readonly #call: Call;
  readonly #leader: Leader;
  readonly #answer: FanOut;

  constructor(deps: FollowerDeps, call: Call, leader: Leader, answer: FanOut) {
    this.#deps = deps;
    this.#call = call;
    this.#leader = leader;
    this.#answer = answer;
  }

  /** It has all of it. The leader says behind its last byte what that was worth. */
  finished(): void {
    queueMicrotask(() => {
      if (this.#call.settled) return;
      this.#deps.settle(this.#call, { status: this.#answer.status, error: this.#leader.error, facts: null });
    });
  }

  cancel(reason: GatewayError): void {
    const call = this.#call;
    if (reason.kind === 'cancelled') {
      this.#answer.leave(call.sink);
      this.#deps.settle(call, { status: reason.status, error: reason, facts: null });
    } else if (call.sink.committed) {
      // Whoever makes the answer is told the same, and ends it for all.
      this.#deps.settle(call, { status: this.#answer.status, error: reason, facts: null });
    } else {
      this.#answer.leave(call.sink);
      this.#deps.refuse(call, reason);
    }
  }
}
