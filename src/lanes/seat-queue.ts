// First in, first out, with removal from the middle: a client may leave while it waits. Every step is O(1).
//
//   head ◄──prev── seat ◄──prev── seat = tail        shift() takes the head, push() adds behind the tail
//   head ──next──► seat ──next──► seat

/** What a queue links. A node is in at most one queue. */
export interface QueueNode<T> {
  prev: T | null;
  next: T | null;
}

export class SeatQueue<T extends QueueNode<T>> {
  #head: T | null = null;
  #tail: T | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get head(): T | null {
    return this.#head;
  }

  get tail(): T | null {
    return this.#tail;
  }

  push(node: T): void {
    node.prev = this.#tail;
    node.next = null;
    if (this.#tail === null) this.#head = node;
    else this.#tail.next = node;
    this.#tail = node;
    this.#size++;
  }

  shift(): T | null {
    const node = this.#head;
    if (node !== null) this.remove(node);
    return node;
  }

  /** `node` must be in this queue. */
  remove(node: T): void {
    if (node.prev === null) this.#head = node.next;
    else node.prev.next = node.next;
    if (node.next === null) this.#tail = node.prev;
    else node.next.prev = node.prev;
    node.prev = null;
    node.next = null;
    this.#size--;
  }
}
