// The schema of what becomes of answers that break off: the section `rescue`, and an alias's own word of it.
import { FALLBACK_KINDS } from '../../contracts/alias-config.ts';
import { DEFAULT_RESCUE } from './defaults.ts';
import { duration, integer, strict } from './parts.ts';
import Type from './type.ts';

const POLICIES = ['resume', 'error', 'off'] as const;

/** An alias's own policy. */
export const rescuePolicy = Type.Optional(
  Type.Enum([...POLICIES], {
    description: 'What becomes of streams that break off, for this model: as `rescue.policy`.',
    'x-default': '`rescue.policy`',
  }),
);

/** The section. */
export const rescue = Type.Optional(
  Type.Object(
    {
      policy: Type.Optional(
        Type.Enum([...POLICIES], {
          description:
            '`resume`: the next target, or with none left the same one again, goes on with the stream, and its client gets one whole answer; `error`: an error event, also when the stream stands still for `stallMs`; `off`: an error event once the clocks in `timeouts` run out.',
          'x-default': '`resume` where the call has another target, else `off`',
          'x-env': 'HEADGATE_RESCUE',
        }),
      ),
      stallMs: duration({
        description:
          'A stream that stands still for so long has broken off, unless nobody can go on with it; with nothing but pings three times as long. 0 = `betweenTokensMs` alone counts.',
        default: DEFAULT_RESCUE.stallMs,
        'x-env': 'HEADGATE_RESCUE_STALL_MS',
      }),
      maxBytes: integer(1_024, 16_777_216, {
        description: 'Bytes of a stream that are kept to go on from; a longer one ends in an error event.',
        default: DEFAULT_RESCUE.maxBytes,
      }),
    },
    {
      ...strict,
      description:
        'Streams that break off, stand still or turn to garbage after their client has seen part of them.',
    },
  ),
);

/** Targets of an alias for certain failures. */
export const fallbacks = Type.Optional(
  Type.Array(
    Type.Object(
      {
        on: Type.Array(Type.Enum([...FALLBACK_KINDS]), {
          minItems: 1,
          description:
            '`error` (any failure that another target may help with), `rate_limit`, `timeout`, `context_window` (the request is longer than the context), `content_policy` (the provider refuses its content).',
        }),
        to: Type.String({
          pattern: '^[^\\s*]{1,256}$',
          'x-expected': '`provider/model` or the name of an alias',
          description: '`provider/model`, or another alias: all its targets.',
        }),
      },
      strict,
    ),
    {
      description:
        'Targets that are asked after `targets`, and only for these failures of those before them.',
      'x-default': 'none',
    },
  ),
);
