// At most one log line a second: the first at once, of those behind it the last one when the second is over.
import type { Clock, LogPort } from '../contracts/ports.ts';

export type GateLevel = 'info' | 'warn';

interface Line {
  level: GateLevel;
  fields: Readonly<Record<string, unknown>>;
  message: string;
}

export class LineGate {
  readonly #log: LogPort;
  readonly #clock: Clock;
  readonly #everyMs: number;
  #lastAt = Number.NEGATIVE_INFINITY;
  #held: Line | null = null;
  #dropped = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(log: LogPort, clock: Clock, everyMs = 1_000) {
    this.#log = log;
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  say(level: GateLevel, fields: Readonly<Record<string, unknown>>, message: string): void {
    const now = this.#clock.now();
    const line = { level, fields, message };
    if (this.#timer === null && now - this.#lastAt >= this.#everyMs) {
      this.#write(line, now);
      return;
    }
    if (this.#held !== null) this.#dropped++;
    this.#held = line;
    this.#timer ??= setTimeout(() => this.#due(), this.#lastAt + this.#everyMs - now).unref();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#held !== null) this.#write(this.#held, this.#clock.now());
  }

  #due(): void {
    this.#timer = null;
    if (this.#held !== null) this.#write(this.#held, this.#clock.now());
  }

  #write({ level, fields, message }: Line, now: number): void {
    this.#log[level](this.#dropped > 0 ? { ...fields, suppressed: this.#dropped } : fields, message);
    this.#lastAt = now;
    this.#held = null;
    this.#dropped = 0;
  }
}
