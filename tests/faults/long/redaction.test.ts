// The property of src/pipeline/guardrails/redaction.test.ts, a hundred thousand times.
import { it } from 'vitest';
import { ALL, checkRedaction, WORDS_ALONE } from '../../../src/pipeline/guardrails/redaction.fixture.ts';

it.each([
  ['of all kinds', ALL],
  ['of words', WORDS_ALONE],
])(
  'no cut of any stream lets a forbidden character %s out',
  (_, sought) => {
    checkRedaction(100_000, sought);
  },
  1_800_000,
);
