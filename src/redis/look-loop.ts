// Looks at something in Redis again and again, one look at a time: the next one is due when the last has said so, and may be brought
// forward meanwhile. Nobody waits for it, and it keeps no process alive.

export interface LookLoopDeps {
  /** @returns ms until the next one. */
  look(): Promise<number>;
  /** A look rejected. @returns ms until the next one. */
  failed(error: unknown): number;
}

export class LookLoop {
  readonly #deps: LookLoopDeps;
  #timer: NodeJS.Timeout | null = null;
  #looking = false;
  #closed = false;

  constructor(deps: LookLoopDeps) {
    this.#deps = deps;
  }

  /** No look is made from now on. */
  get closed(): boolean {
    return this.#closed;
  }

  /** A look is under way. */
  get looking(): boolean {
    return this.#looking;
  }

  /** The next look is due in `ms`, whatever was due before; while one is under way that one says it. */
  lookIn(ms: number): void {
    if (this.#closed || this.#looking) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#looking = true;
      this.#deps.look().then(
        (nextMs) => this.#looked(nextMs),
        (error: unknown) => this.#looked(this.#deps.failed(error)),
      );
    }, ms).unref();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #looked(nextMs: number): void {
    this.#looking = false;
    this.lookIn(nextMs);
  }
}
