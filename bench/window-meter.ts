// CPU of process trees over the measured windows of loads: what warm-up and tail cost stays out.

interface Meter {
  pid: number;
  /** CPU at the opening of the window; null outside one. */
  openedAt: number | null;
  windows: number;
  micros: number;
}

export class WindowMeter {
  readonly #cpuMicros: (pid: number) => number;
  readonly #meters = new Set<Meter>();
  /** Loads that run at the same time make one window, from the first opening to the last closing. */
  #open = 0;

  constructor(cpuMicros: (pid: number) => number) {
    this.#cpuMicros = cpuMicros;
  }

  begin(): void {
    if (this.#open++ > 0) return;
    for (const meter of this.#meters) meter.openedAt = this.#cpuMicros(meter.pid);
  }

  end(): void {
    if (--this.#open > 0) return;
    for (const meter of this.#meters) {
      if (meter.openedAt === null) continue;
      meter.micros += this.#cpuMicros(meter.pid) - meter.openedAt;
      meter.openedAt = null;
      meter.windows++;
    }
  }

  /** Of the windows within `work`, or of all of it when it has none. */
  async measure<T>(pid: number, work: () => Promise<T>): Promise<{ cpuMicros: number; result: T }> {
    const meter: Meter = { pid, openedAt: null, windows: 0, micros: 0 };
    this.#meters.add(meter);
    try {
      const before = this.#cpuMicros(pid);
      const result = await work();
      const all = this.#cpuMicros(pid) - before;
      return { cpuMicros: meter.windows > 0 ? meter.micros : all, result };
    } finally {
      this.#meters.delete(meter);
    }
  }
}
