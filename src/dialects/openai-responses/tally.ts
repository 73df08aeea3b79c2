// Whether pieces add up to a text, without keeping them: how long they were, and the sum of their UTF-16 units. Order is
// what events are numbered for.

export class Tally {
  #length = 0;
  #sum = 0;

  add(piece: string): void {
    this.#length += piece.length;
    this.#sum = (this.#sum + sumOf(piece)) >>> 0;
  }

  /** A piece whose length and sum are known. */
  addKnown(length: number, sum: number): void {
    this.#length += length;
    this.#sum = (this.#sum + sum) >>> 0;
  }

  equals(text: string): boolean {
    return text.length === this.#length && sumOf(text) === this.#sum;
  }
}

function sumOf(text: string): number {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum = (sum + text.charCodeAt(at)) >>> 0;
  return sum;
}
