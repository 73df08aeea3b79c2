// The property of src/pipeline/guardrails/redaction.test.ts, a hundred thousand times.
import { it } from 'vitest';
import { checkRedaction } from '../../../src/pipeline/guardrails/redaction.fixture.ts';

it('no cut of any stream lets a forbidden character out', () => {
  checkRedaction(100_000);
}, 1_800_000);
