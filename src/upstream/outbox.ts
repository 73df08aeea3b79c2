// Requests leave at the end of the turn of the event loop that made them, one behind the other: each written in the
// middle of its client's read costs 6 to 10 % of a request's CPU more under load (docs/performance.md). Where little
// happens the end of the turn is now.

/** Has a request to send. */
export interface Sender {
  /** Sends it, unless it is not wanted any more. Must not throw. */
  flush(): void;
}

/** So many wait for the end of a turn at most: a turn of a thousand events would hold up the first for 20 ms. */
const MOST = 16;

export class Outbox {
  #due: Sender[] = [];
  #armed = false;
  readonly #endOfTurn = (): void => {
    this.#armed = false;
    this.#flush();
  };

  add(sender: Sender): void {
    const waiting = this.#due.push(sender);
    if (!this.#armed) {
      this.#armed = true;
      setImmediate(this.#endOfTurn);
    } else if (waiting === MOST) {
      this.#flush();
    }
  }

  #flush(): void {
    const due = this.#due;
    this.#due = [];
    for (let at = 0; at < due.length; at++) due[at]!.flush();
  }
}
