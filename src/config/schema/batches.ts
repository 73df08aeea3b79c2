// The schema of `batches`: whether the gateway asks after batches that nobody else asks after.
import { DEFAULT_BATCHES } from './defaults.ts';
import { duration, flag, integer, strict } from './parts.ts';
import Type from './type.ts';

const WEEK_MS = 7 * 86_400_000;

export const batches = Type.Optional(
  Type.Object(
    {
      poll: flag({
        description:
          'Batches that were begun through the gateway are asked after until they are over, and charged then. Off: they are charged when somebody asks after them, or reads their results, through it.',
        default: DEFAULT_BATCHES.poll,
        'x-env': 'HEADGATE_BATCHES_POLL',
      }),
      pollMs: duration(
        {
          description: 'Until the first question; each further pause is half as long again.',
          default: DEFAULT_BATCHES.pollMs,
        },
        100,
      ),
      maxPollMs: duration(
        { description: 'The longest pause between two questions.', default: DEFAULT_BATCHES.maxPollMs },
        100,
      ),
      forMs: integer(1_000, WEEK_MS, {
        description: 'So long after it was begun a batch is asked after.',
        default: DEFAULT_BATCHES.forMs,
      }),
    },
    { ...strict, description: 'How the gateway finds out what batches used that nobody asks after.' },
  ),
);
