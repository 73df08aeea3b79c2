// One gateway-wide number (the run slots or the waiting places of one lane) shared out among workers. Pure
// book-keeping, owned by cluster/shares: what each worker holds by our books, who wants more, whom we asked.
//
//   total = Σ held + Σ reserved by open wants + free          (free < 0 only while a shrunk total rolls out)
//
// A want is filled from `free` first; for the rest each other worker is asked for idle share. It closes when it is
// filled, when everyone asked has answered, or when it expires; what it got by then is the answer. An answer that
// comes late still counts: it goes to `free`, or to the next want in line.

/** Asks `member` to give up idle share; the answer must come to `yielded` under the same id. */
export type Ask = (member: number, count: number) => number;

interface Want {
  member: number;
  need: number;
  got: number;
  /** Asks that have not been answered. */
  open: Set<number>;
  done: (got: number) => void;
}

export class SharePool {
  #total: number;
  readonly #held = new Map<number, number>();
  readonly #asked = new Map<number, { member: number; want: Want | null }>();
  #wants: Want[] = [];

  constructor(total: number) {
    this.#total = total;
  }

  get total(): number {
    return this.#total;
  }

  get free(): number {
    let free = this.#total;
    for (const held of this.#held.values()) free -= held;
    for (const want of this.#wants) free -= want.got;
    return free;
  }

  held(member: number): number {
    return this.#held.get(member) ?? 0;
  }

  /** What the open want of `member` has got so far. */
  reserved(member: number): number {
    return this.#wants.find((want) => want.member === member)?.got ?? 0;
  }

  /** True while an ask to `member` is unanswered. */
  waitsFor(member: number): boolean {
    for (const asked of this.#asked.values()) if (asked.member === member) return true;
    return false;
  }

  /**
   * `member` wants `count` more. `done` hears what it got, exactly once unless the member leaves: at once when free
   * share suffices or nobody else holds any, else later. A second want of the same member only raises the first.
   * Returns false when it was merged into an open one (its `done` is then never called).
   */
  want(
    member: number,
    count: number,
    askable: (member: number) => boolean,
    ask: Ask,
    done: (got: number) => void,
  ): boolean {
    const open = this.#wants.find((want) => want.member === member);
    if (open !== undefined) {
      open.need = Math.max(open.need, count);
      this.#settle();
      return false;
    }
    const want: Want = { member, need: count, got: 0, open: new Set(), done };
    this.#wants.push(want);
    this.#fill();
    const missing = want.need - want.got;
    if (missing > 0) {
      for (const [other, held] of this.#held) {
        if (other === member || held === 0 || !askable(other)) continue;
        const id = ask(other, Math.min(held, missing));
        this.#asked.set(id, { member: other, want });
        want.open.add(id);
      }
    }
    this.#settle();
    return true;
  }

  /** Asks `member` for all its idle share, for nobody in particular. */
  askBack(member: number, ask: Ask): void {
    const held = this.held(member);
    if (held > 0) this.#asked.set(ask(member, held), { member, want: null });
  }

  /** The answer to an ask; unknown ids (asked of a pool that is gone) are none of ours. */
  yielded(id: number, count: number): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    this.#asked.delete(id);
    asked.want?.open.delete(id);
    // A smaller total may have cut our books below what the worker held when it answered.
    this.#held.set(asked.member, Math.max(0, this.held(asked.member) - count));
    this.#settle();
  }

  /** Closes the open want of `member`, if any, with what it has got. */
  expire(member: number): void {
    for (const want of this.#wants) if (want.member === member) want.open.clear();
    this.#settle();
  }

  /** The worker is gone: all it held is free again. */
  leave(member: number): void {
    this.#held.delete(member);
    this.#wants = this.#wants.filter((want) => want.member !== member);
    for (const [id, asked] of this.#asked) {
      if (asked.member !== member) continue;
      this.#asked.delete(id);
      asked.want?.open.delete(id);
    }
    this.#settle();
  }

  /**
   * A new total. Growth is spread evenly over `members`; of a cut, free share goes first and then everyone's in
   * proportion, so that no worker's share moves both ways during one roll-out.
   */
  resize(total: number, members: readonly number[]): void {
    const growth = total - this.#total;
    this.#total = total;
    if (growth > 0) {
      const room = Math.max(0, Math.min(growth, this.free));
      members.forEach((member, index) => {
        const part = Math.floor(room / members.length) + (index < room % members.length ? 1 : 0);
        this.#held.set(member, this.held(member) + part);
      });
    } else if (this.free < 0) {
      this.#cut(-this.free);
    }
    this.#settle();
  }

  #cut(missing: number): void {
    let count = missing;
    // What open wants have got is told to nobody yet.
    for (const want of this.#wants) {
      const part = Math.min(want.got, count);
      want.got -= part;
      count -= part;
    }
    const sum = [...this.#held.values()].reduce((a, b) => a + b, 0);
    const take = Math.min(count, sum);
    if (take === 0) return;
    let left = take;
    for (const [member, held] of this.#held) {
      const part = Math.min(left, Math.floor((held * take) / sum));
      this.#held.set(member, held - part);
      left -= part;
    }
    // What rounding left over comes from whoever still has the most.
    while (left > 0) {
      const [member, held] = [...this.#held].reduce((most, next) => (next[1] > most[1] ? next : most));
      this.#held.set(member, held - 1);
      left -= 1;
    }
  }

  #fill(): void {
    let free = this.free;
    for (const want of this.#wants) {
      if (free <= 0) return;
      const part = Math.min(free, want.need - want.got);
      want.got += part;
      free -= part;
    }
  }

  #settle(): void {
    this.#fill();
    const closed = this.#wants.filter((want) => want.got >= want.need || want.open.size === 0);
    if (closed.length === 0) return;
    this.#wants = this.#wants.filter((want) => !closed.includes(want));
    for (const want of closed) {
      this.#held.set(want.member, this.held(want.member) + want.got);
      want.done(want.got);
    }
  }
}
