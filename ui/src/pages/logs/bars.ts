// Where each part of each attempt lies in the time of its call.
import type { LogRow } from '../../api/logs.ts';

type Timed = Pick<LogRow, 'beganMs' | 'queueMs' | 'connectMs' | 'headMs' | 'attemptMs'>;

export interface Bar {
  readonly kind: 'queue' | 'wait' | 'stream';
  /** Shares of the call's time. */
  readonly from: number;
  readonly width: number;
  readonly ms: number;
}

export interface BarLine<T> {
  readonly row: T;
  readonly parts: readonly Bar[];
  /** Since the attempt before ended. */
  readonly pauseMs: number;
}

export function barsOf<T extends Timed>(call: Pick<LogRow, 'totalMs'>, attempts: readonly T[]): BarLine<T>[] {
  let end = 0;
  const ends = attempts.map(({ beganMs, attemptMs }) => (beganMs ?? 0) + (attemptMs ?? 0));
  // Times are measured apart: an attempt may seem to end behind its call.
  const total = Math.max(call.totalMs ?? 0, ...ends, 1e-9);
  return attempts.map((row) => {
    const began = row.beganMs ?? end;
    const length = row.attemptMs ?? 0;
    const queue = Math.min((row.queueMs ?? 0) + (row.connectMs ?? 0), length);
    const wait = row.headMs === null ? length - queue : Math.min(row.headMs, length - queue);
    const pauseMs = Math.max(0, began - end);
    end = Math.max(end, began + length);
    const spans = [
      ['queue', began, queue],
      ['wait', began + queue, wait],
      ['stream', began + queue + wait, length - queue - wait],
    ] as const;
    return {
      row,
      pauseMs,
      parts: spans
        .filter(([, , ms]) => ms > 0)
        .map(([kind, from, ms]) => ({ kind, from: from / total, width: ms / total, ms })),
    };
  });
}
