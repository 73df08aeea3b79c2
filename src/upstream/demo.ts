// The built-in provider: answers in the OpenAI dialect from inside the process, so that a gateway without any key
// shows what it does. Behaves as a remote one: nothing happens within send(), a stream has a pace, abort stops it.
import { isSource } from '../contracts/body-source.ts';
import type { Clock } from '../contracts/ports.ts';
import type { Upstream, UpstreamCall, UpstreamHandler, UpstreamRequest } from '../contracts/upstream.ts';
import { answerDemo, type DemoAnswer } from './demo-answer.ts';

export interface DemoUpstreamOptions {
  clock: Pick<Clock, 'wall'>;
  /** Between two words. */
  paceMs?: number | undefined;
}

const PACE_MS = 20;

class DemoUpstream implements Upstream {
  readonly #clock: Pick<Clock, 'wall'>;
  readonly #paceMs: number;
  readonly #running = new Set<DemoCall>();
  #calls = 0;
  #onIdle: (() => void) | null = null;

  constructor(options: DemoUpstreamOptions) {
    this.#clock = options.clock;
    this.#paceMs = options.paceMs ?? PACE_MS;
  }

  send(request: UpstreamRequest, handler: UpstreamHandler): UpstreamCall {
    this.#calls++;
    if (isSource(request.body)) request.body.abort();
    const now = this.#clock.wall();
    const answer = answerDemo(request, { id: `demo-${now.toString(36)}-${this.#calls}`, now });
    const call = new DemoCall(answer, handler, this.#paceMs, () => {
      this.#running.delete(call);
      if (this.#running.size === 0) this.#onIdle?.();
    });
    this.#running.add(call);
    return call;
  }

  stats(): { connected: number; running: number; pending: number } {
    return { connected: this.#running.size, running: this.#running.size, pending: 0 };
  }

  async close(): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }
}

/** Head at once, then one piece each pace. While paused nothing is sent. */
class DemoCall implements UpstreamCall {
  readonly #answer: DemoAnswer;
  readonly #handler: UpstreamHandler;
  readonly #paceMs: number;
  readonly #onDone: () => void;
  #sent = 0;
  #paused = false;
  #done = false;
  #timer: NodeJS.Timeout | null;

  constructor(answer: DemoAnswer, handler: UpstreamHandler, paceMs: number, onDone: () => void) {
    this.#answer = answer;
    this.#handler = handler;
    this.#paceMs = paceMs;
    this.#onDone = onDone;
    this.#timer = setTimeout(() => this.#begin(), 0);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#next(this.#paceMs);
  }

  abort(): void {
    if (!this.#done) this.#finish();
  }

  #begin(): void {
    this.#timer = null;
    this.#handler.onSent(false);
    if (!this.#done) this.#handler.onHead(this.#answer.status, this.#answer.headers);
    this.#next(0);
  }

  #next(ms: number): void {
    if (this.#done || this.#paused || this.#timer !== null) return;
    this.#timer = setTimeout(() => this.#step(), ms);
  }

  #step(): void {
    this.#timer = null;
    if (this.#paused) return;
    const piece = this.#answer.pieces[this.#sent++];
    if (piece !== undefined) this.#handler.onData(Buffer.from(piece));
    if (this.#done) return;
    if (this.#sent < this.#answer.pieces.length) {
      this.#next(this.#paceMs);
      return;
    }
    this.#finish();
    this.#handler.onEnd();
  }

  #finish(): void {
    this.#done = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#onDone();
  }
}

/** The demo provider. */
export function createDemoUpstream(options: DemoUpstreamOptions): Upstream {
  return new DemoUpstream(options);
}
