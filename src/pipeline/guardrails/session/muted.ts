// Answers of which nothing more is told, and their items: those are told of again by their conversation. The oldest are forgotten.

const MAX_MUTED = 1_024;

export class Muted {
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    if (this.#ids.has(id)) return;
    if (this.#ids.size >= MAX_MUTED) for (const oldest of this.#ids) if (this.#ids.delete(oldest)) break;
    this.#ids.add(id);
  }

  delete(id: string): void {
    this.#ids.delete(id);
  }
}
