// Where each part of each attempt lies in the time of its call.
import type { LogRow } from '../../api/logs.ts';

type Timed = Pick<LogRow, 'beganMs' | 'queueMs' | 'connectMs' | 'headMs' | 'attemptMs'>;

export interface Bar {
  /** `pause`: between the attempt before and this one. */
  readonly kind: 'pause' | 'queue' | 'connect' | 'wait' | 'stream';
  /** Shares of the call's time. */
  readonly from: number;
  readonly width: number;
  readonly ms: number;
}

export interface BarLine<T> {
  readonly row: T;
  readonly parts: readonly Bar[];
}

export function barsOf<T extends Timed>(call: Pick<LogRow, 'totalMs'>, attempts: readonly T[]): BarLine<T>[] {
  let end = 0;
  const ends = attempts.map(({ beganMs, attemptMs }) => (beganMs ?? 0) + (attemptMs ?? 0));
  // Times are measured apart: an attempt may seem to end behind its call.
  const total = Math.max(call.totalMs ?? 0, ...ends, 1e-9);
  return attempts.map((row) => {
    const began = row.beganMs ?? end;
    const length = row.attemptMs ?? 0;
    const queue = Math.min(row.queueMs ?? 0, length);
    const connect = Math.min(row.connectMs ?? 0, length - queue);
    const ready = queue + connect;
    const wait = row.headMs === null ? length - ready : Math.min(row.headMs, length - ready);
    const pause = Math.max(0, began - end);
    end = Math.max(end, began + length);
    const spans = [
      ['pause', began - pause, pause],
      ['queue', began, queue],
      ['connect', began + queue, connect],
      ['wait', began + ready, wait],
      ['stream', began + ready + wait, length - ready - wait],
    ] as const;
    return {
      row,
      parts: spans
        .filter(([, , ms]) => ms > 0)
        .map(([kind, from, ms]) => ({ kind, from: from / total, width: ms / total, ms })),
    };
  });
}
