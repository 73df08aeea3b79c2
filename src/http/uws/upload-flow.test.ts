// A body that is handed on, with every order of pieces, drains and ends there is: nobody is left waiting for nobody.
import type { HttpResponse } from 'uWebSockets.js';
import type { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { BodyReader } from '../../contracts/body-source.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import { LINGER_QUIET_MS } from '../exchange/linger.ts';
import { UploadSource } from '../exchange/upload-source.ts';
import { Upload } from './upload.ts';

const MAX_BYTES = 1_000;

/** As much of uWS as a body is read by: what was under way when it is told to pause still comes. */
function rig() {
  let handler: (piece: ArrayBuffer, isLast: boolean) => void = () => {};
  const socket = { paused: false, touched: 0 };
  const res = {
    pause() {
      socket.paused = true;
      socket.touched += 1;
    },
    resume: () => void (socket.paused = false),
    onData: (given: typeof handler) => void (handler = given),
  } as unknown as HttpResponse; // the rest of it is not asked for
  const upload = new Upload(res);
  const source = new UploadSource(res, upload, {
    maxBytes: MAX_BYTES,
    length: -1,
    awaited: () => {},
  });
  const push = (bytes: number, isLast: boolean): void => handler(new ArrayBuffer(bytes), isLast);
  return { socket, upload, source, push };
}

/** Takes a piece and wants no more until it is drained, as a socket does. */
class Narrow implements BodyReader {
  bytes = 0;
  full = false;
  over = false;
  error: GatewayError | null = null;
  wide = false;

  data(piece: Buffer): boolean {
    expect(this.error).toBeNull();
    this.bytes += piece.length;
    this.full = !this.wide;
    return this.wide;
  }

  end(): void {
    expect(this.over).toBe(false);
    this.over = true;
  }

  failed(error: GatewayError): void {
    expect([this.over, this.error]).toEqual([false, null]);
    this.error = error;
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('piece' as const), bytes: fc.integer({ min: 0, max: 400 }) }),
  fc.record({
    kind: fc.constantFrom('drain' as const, 'pull' as const, 'widen' as const, 'narrow' as const),
  }),
);

it('never stands still while its reader wants more, and tells it how it ended', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const { socket, source, push } = rig();
      const reader = new Narrow();
      let pulled = false;
      const pull = (): void => {
        if (pulled) return;
        pulled = true;
        source.pull(reader);
      };
      const drain = (): void => {
        if (!reader.full) return;
        reader.full = false;
        source.resume();
      };
      let sent = 0;
      for (const one of steps) {
        if (one.kind === 'piece') {
          sent += one.bytes;
          push(one.bytes, false);
          if (sent > MAX_BYTES) break;
        } else if (one.kind === 'pull') pull();
        else if (one.kind === 'drain') drain();
        else reader.wide = one.kind === 'widen';
        if (pulled && !reader.full) expect(socket.paused).toBe(false);
      }
      if (sent > MAX_BYTES) {
        // It may be read only behind that: a connection to the provider takes its time.
        pull();
        expect(reader.error?.code).toBe('GW_CLIENT_TOO_LARGE');
        return;
      }
      push(0, true);
      pull();
      for (let turn = 0; turn < 50 && !reader.over; turn++) drain();
      expect([reader.over, reader.bytes, socket.paused, source.ended]).toEqual([true, sent, false, true]);
    }),
    { numRuns: 2_000 },
  );
});

it('is tended while more of it may come, paused or not, and left alone once it is whole', () => {
  const { socket, upload, source, push } = rig();
  const reader = new Narrow();
  source.pull(reader);
  upload.tend(10_000);
  expect(socket).toEqual({ paused: false, touched: 1 });
  push(10, false);
  push(10, false);
  source.resume();
  expect(socket.paused).toBe(true);
  upload.tend(20_000);
  reader.wide = true;
  source.resume();
  const { touched } = socket;
  push(0, true);
  upload.tend(30_000);
  expect(socket).toEqual({ paused: false, touched });
});

it('is tended until it is answered where its last piece came while it was paused', () => {
  const { socket, upload, push } = rig();
  // As chunks that come in one read, before there is a connection to hand them to.
  push(10, false);
  expect(socket.paused).toBe(true);
  push(0, true);
  const { touched } = socket;
  for (let times = 1; times < 4; times++) {
    upload.tend(times * 10_000);
    expect(socket).toEqual({ paused: false, touched: touched + times });
  }
});

it('that nobody wants is read away while it comes, also what lies in the socket when it was quiet for long enough', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { upload, push } = rig();
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  let over = false;
  upload.discard(
    () => 0,
    () => (over = true),
  );
  // Where this process stood still its timers come first, and the reads of that turn behind them.
  vi.advanceTimersByTime(LINGER_QUIET_MS);
  push(10, false);
  await turn();
  expect(over).toBe(false);
  vi.advanceTimersByTime(LINGER_QUIET_MS);
  await turn();
  expect(over).toBe(true);
});
