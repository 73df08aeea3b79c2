// What waits on its way to the client, in order, as long as somebody has yet to judge what came before it. Bounded: a provider that
// says more than is held has said what nobody looks at.
//
//   told │ 5 6 7 8 9 …      a reason that began at 7 holds 7 and all behind it; 5 and 6 wait for others
import type { SocketMessage } from '../../../contracts/tunnel.ts';

const MAX_MESSAGES = 8_192;
/** About three minutes of sound. */
const MAX_BYTES = 16 * 1024 * 1024;

interface Held {
  message: SocketMessage;
  /** Answer, or item, that it is of; '' = none. */
  of: string;
  /** Its place among all that were ever held. */
  at: number;
}

export class HeldMessages {
  readonly #tell: (message: SocketMessage) => void;
  readonly #full: () => boolean;
  #queue: Held[] = [];
  #bytes = 0;
  #next = 0;
  /** What is waited for, and the first place that it holds. */
  readonly #reasons = new Map<string, number>();

  /** @param full there is no more room. @returns whether what waits goes on all the same; else it is never told. */
  constructor(tell: (message: SocketMessage) => void, full: () => boolean) {
    this.#tell = tell;
    this.#full = full;
  }

  has(reason: string): boolean {
    return this.#reasons.has(reason);
  }

  /** Nothing that is put from now on is told before it is `judged`. */
  wait(reason: string): void {
    if (!this.#reasons.has(reason)) this.#reasons.set(reason, this.#next);
  }

  /** @returns false: it was not waited for. */
  judged(reason: string): boolean {
    if (!this.#reasons.delete(reason)) return false;
    this.#flow();
    return true;
  }

  /** @param of answer, or item, that it is of; '' = none. */
  put(message: SocketMessage, of = ''): void {
    if (this.#reasons.size === 0 && this.#queue.length === 0) this.#tell(message);
    else if (this.#queue.length < MAX_MESSAGES && this.#bytes + message.length <= MAX_BYTES) {
      this.#queue.push({ message, of, at: this.#next });
      this.#next += 1;
      this.#bytes += message.length;
    } else {
      const goesOn = this.#full();
      this.#reasons.clear();
      if (!goesOn) {
        this.drop();
        return;
      }
      this.#flow();
      this.#tell(message);
    }
  }

  /** What waits is not told. */
  drop(): void {
    this.#keep([]);
    this.#reasons.clear();
  }

  /**
   * Nothing more is told of an answer; what waits of others goes on.
   *
   * @param of the answer and its items
   * @param reasons what was waited for of it
   * @param left what is told of a message all the same; null = nothing
   */
  dropOf(
    of: ReadonlySet<string>,
    reasons: Iterable<string>,
    left: (message: SocketMessage) => SocketMessage | null,
  ): void {
    this.#keep(
      this.#queue.flatMap((held) => {
        if (!of.has(held.of)) return [held];
        const message = left(held.message);
        return message === null ? [] : [{ ...held, message }];
      }),
    );
    for (const reason of reasons) this.#reasons.delete(reason);
    this.#flow();
  }

  #flow(): void {
    const until = Math.min(...this.#reasons.values(), this.#next);
    let told = 0;
    while (told < this.#queue.length && this.#queue[told]!.at < until) told += 1;
    const free = this.#queue.slice(0, told);
    this.#keep(this.#queue.slice(told));
    for (const { message } of free) this.#tell(message);
  }

  #keep(queue: Held[]): void {
    this.#queue = queue;
    this.#bytes = queue.reduce((sum, { message }) => sum + message.length, 0);
  }
}
