// The schema of an alias's second attempts.
import { DEFAULT_HEDGE } from './defaults.ts';
import { duration, strict } from './parts.ts';
import Type from './type.ts';

export const hedge = Type.Optional(
  Type.Union(
    [
      Type.Boolean(),
      Type.Object(
        {
          minMs: duration({
            description: 'Never before so long behind the sending, whatever the p95 of the model is.',
            default: DEFAULT_HEDGE.minMs,
          }),
          budget: Type.Optional(
            Type.Number({
              minimum: 0,
              maximum: 1,
              default: DEFAULT_HEDGE.budget,
              description: 'Part of the calls that may have a second attempt.',
            }),
          ),
        },
        strict,
      ),
    ],
    {
      description:
        'A call whose first token comes later than the model’s p95 is sent a second time, to the next target or the same one; who is first answers, the other attempt is aborted, and both are charged. `true`, or `{ minMs: 500, budget: 0.05 }`: never before so long behind the sending, and of so large a part of the calls at most.',
      default: false,
    },
  ),
);
