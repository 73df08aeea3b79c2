// The schema of `overload`.
import { DEFAULT_OVERLOAD } from './defaults.ts';
import { duration, strict } from './parts.ts';
import Type from './type.ts';

/** When a worker refuses calls because it cannot keep up. */
export const overload = Type.Optional(
  Type.Object(
    {
      waitMs: duration({
        description:
          'Longest wait of a call for the core of its worker, which has more to do than it can. Where calls have waited so long for 400 ms without a pause, one that comes gets a 503 with `retry-after` instead: of the classes `low` and `batch` from 0.8 and 0.65 of it, of `high` from three times as much; for a shorter time than that a burst may have ten times as much. 0 = never.',
        default: DEFAULT_OVERLOAD.waitMs,
        'x-env': 'HEADGATE_OVERLOAD_WAIT_MS',
      }),
      loopDelayMs: duration({
        description:
          'Event loop of a worker late by so much, over a second or more: calls of the classes `low` and `batch` get a 503 with `retry-after`; from twice as much all but `high`, from four times all. From 0.6 of it nothing is repeated or hedged, from 0.8 the cache takes no new entries and looks for none that are alike. 0 = never.',
        default: DEFAULT_OVERLOAD.loopDelayMs,
        'x-env': 'HEADGATE_OVERLOAD_LOOP_DELAY_MS',
      }),
      memory: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 1,
          description:
            "Part of the container's memory limit at which the same happens (0.85; then 0.92 and 0.95). 0 = never; without a limit it is not looked at.",
          default: DEFAULT_OVERLOAD.memory,
          'x-env': 'HEADGATE_OVERLOAD_MEMORY',
        }),
      ),
    },
    { ...strict, description: 'What a worker that cannot keep up refuses, before it reads a body.' },
  ),
);
