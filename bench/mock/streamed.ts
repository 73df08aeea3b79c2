// One streamed answer under way: a tick of the wheel writes the next delta.
import type { HttpResponse } from 'uWebSockets.js';
import { machineMicros, writeStamp } from './delta-text.ts';
import type { PreparedStream } from './script.ts';
import type { TimerWheel, WheelEntry } from './timer-wheel.ts';

export interface StreamPlan {
  prepared: PreparedStream;
  /** With usage in its tail. */
  usage: boolean;
  everyMs: number;
  /** Ends by a broken connection before this delta; Infinity for never. */
  cutAt: number;
}

export class Streamed implements WheelEntry {
  dueMs = 0;
  /** The client is gone, or everything is sent. */
  over = false;
  readonly #res: HttpResponse;
  readonly #wheel: TimerWheel;
  readonly #plan: StreamPlan;
  #sent = 0;
  /** Delta n is due at this plus n times the pace, so that lateness does not add up. */
  #startMs = 0;

  constructor(res: HttpResponse, wheel: TimerWheel, plan: StreamPlan) {
    this.#res = res;
    this.#wheel = wheel;
    this.#plan = plan;
  }

  /** Head, role chunk and the first delta at once: time to the first token is then the gateway's alone. */
  begin(): void {
    const { prepared, everyMs } = this.#plan;
    this.#res.cork(() => {
      this.#res.writeHeader('content-type', prepared.contentType);
      this.#res.writeHeader('x-accel-buffering', 'no'); // nginx buffers answers otherwise
      if (prepared.head.length > 0) this.#res.write(prepared.head);
      this.#next();
      while (everyMs === 0 && !this.over) this.#next();
    });
    if (this.over) return;
    const now = this.#wheel.nowMs();
    this.#wheel.addSpread(this, now + everyMs, everyMs >> 1);
    this.#startMs = this.dueMs - everyMs;
  }

  tick(): void {
    if (this.over) return;
    this.#res.cork(this.#next);
    if (!this.over) this.#wheel.add(this, this.#startMs + this.#sent * this.#plan.everyMs);
  }

  #next = (): void => {
    const { prepared, usage, cutAt } = this.#plan;
    if (this.#sent >= cutAt) {
      this.over = true;
      this.#res.close();
      return;
    }
    if (this.#sent === prepared.deltas.length) {
      this.over = true;
      this.#res.end(usage ? prepared.tailWithUsage : prepared.tail);
      return;
    }
    const { bytes, stamp } = prepared.deltas[this.#sent++]!;
    writeStamp(bytes, stamp, machineMicros());
    prepared.seal?.(bytes);
    this.#res.write(bytes); // copied or sent before it returns
  };
}
