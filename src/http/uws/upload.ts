// The body of a request on a uWS socket: collected under a cap, or read away behind an answer that was given early.
// uWS closes an upload that brings less than 160 KB in 10 s, by a clock of its own and without a word; how long a body
// may take is for `bodyTimeoutMs` to say, and how long one is left standing for its provider, so that clock is set back meanwhile.
import type { HttpResponse } from 'uWebSockets.js';
import { Buffer } from 'node:buffer';
import { BodyBuffer } from '../../body/body-buffer.ts';
import { behindReads, type Deadline } from '../../ipc/behind-reads.ts';
import { LINGER_BYTES, LINGER_MS, LINGER_QUIET_MS } from '../exchange/linger.ts';

/** Well below uWS's 10 s, of which one tick of 4 s may be gone already. */
const TOUCH_MS = 3_000;

export class Upload {
  readonly #res: HttpResponse;
  /** Where its bytes go; null once nobody wants more. */
  #take: ((piece: ArrayBuffer, isLast: boolean) => void) | null = null;
  /** The socket is not read for now: whoever paused it resumes it. */
  paused = false;
  #hooked = false;
  #whole = false;
  /** Its last piece came while it was paused. */
  #resumedWhole = false;
  #touchedAt = 0;
  #quiet: Deadline | null = null;

  constructor(res: HttpResponse) {
    this.#res = res;
  }

  /** See Exchange.readBody. */
  collect(maxBytes: number, announced: number, done: (body: Buffer) => void, over: () => void): void {
    let gathered: BodyBuffer | null = null;
    this.#take = (piece, isLast) => {
      if ((gathered?.length ?? 0) + piece.byteLength > maxBytes) {
        this.#take = null;
        gathered = null;
        over();
        return;
      }
      if (!isLast) {
        gathered ??= new BodyBuffer(announced);
        gathered.add(new Uint8Array(piece));
        return;
      }
      this.#take = null;
      // A copy in any case: uWS takes the memory of a piece back when this returns.
      const last = new Uint8Array(piece);
      const body = gathered === null ? Buffer.from(last) : gathered.finish(last);
      gathered = null;
      done(body);
    };
    this.#listen();
  }

  /** Hands on what comes, as it comes. */
  pass(take: (piece: ArrayBuffer, isLast: boolean) => void): void {
    this.#take = take;
    this.#listen();
  }

  /** Reads away what still comes. `done` is called once, never inside uWS's own call. */
  discard(now: () => number, done: () => void): void {
    let left = LINGER_BYTES;
    const until = now() + LINGER_MS;
    const finish = (): void => {
      this.stop();
      done();
    };
    if (this.#whole) {
      setImmediate(finish);
      return;
    }
    const quiet = behindReads(LINGER_QUIET_MS, finish).unref();
    this.#quiet = quiet;
    this.#take = (piece, isLast) => {
      left -= piece.byteLength;
      if (isLast || left < 0 || now() > until) {
        this.stop();
        setImmediate(done);
      } else quiet.refresh();
    };
    this.#listen();
  }

  /** Nothing more is wanted of it. */
  stop(): void {
    this.#take = null;
    this.#quiet?.clear();
    this.#quiet = null;
  }

  /** Keeps uWS's clock off an upload that is awaited; to be called a few times a second, as long as it is not answered. */
  tend(now: number): void {
    // One that has come whole has no clock any more: touched, it would get one, under an answer that may say nothing for long. One that was
    // paused by then has one: uWS stops it before it hands over the last piece, and sets it again when that makes us resume.
    const clocked = this.#whole ? this.#resumedWhole : this.#take !== null;
    if (!clocked || now - this.#touchedAt < TOUCH_MS) return;
    this.#touchedAt = now;
    // Pausing stops the clock, and both together leave the socket as it was with 10 s more. A paused one needs it, too: uWS sets its clock
    // again when the piece that made us pause has been handed over.
    this.#res.pause();
    if (!this.paused) this.#res.resume();
  }

  /** uWS has one handler, and replacing it would free the one that runs. */
  #listen(): void {
    if (this.#hooked) return;
    this.#hooked = true;
    this.#res.onData((piece, isLast) => {
      if (isLast) {
        this.#whole = true;
        this.#resumedWhole = this.paused;
      }
      this.#take?.(piece, isLast);
    });
  }
}
