// The schema of answers that several requests get: `idempotency` and `coalesce`.
import { DEFAULT_COALESCE, DEFAULT_IDEMPOTENCY } from './defaults.ts';
import { integer, strict } from './parts.ts';
import Type from './type.ts';

const THIRTY_DAYS_MS = 30 * 86_400_000;
const GIGABYTE = 1_073_741_824;

/** What `Idempotency-Key` does. */
export const idempotency = Type.Optional(
  Type.Object(
    {
      ttlMs: integer(0, THIRTY_DAYS_MS, {
        description:
          'How long the answer to an `Idempotency-Key` is given again, in ms; 0 = the header is not looked at.',
        default: DEFAULT_IDEMPOTENCY.ttlMs,
        'x-env': 'HEADGATE_IDEMPOTENCY_TTL_MS',
      }),
      maxAnswerBytes: integer(1_024, GIGABYTE, {
        description: 'A longer answer is not given again: the request is made once more.',
        default: DEFAULT_IDEMPOTENCY.maxAnswerBytes,
      }),
      maxBytes: integer(65_536, 64 * GIGABYTE, {
        description:
          'Memory for such answers where no Redis keeps them; the oldest go first. Workers share it.',
        default: DEFAULT_IDEMPOTENCY.maxBytes,
        'x-env': 'HEADGATE_IDEMPOTENCY_MAX_BYTES',
      }),
    },
    {
      ...strict,
      description: 'The same `Idempotency-Key` and request of one caller get the same answer, made once.',
    },
  ),
);

/** Which equal requests share an upstream call. */
export const coalesce = Type.Optional(
  Type.Object(
    {
      routes: Type.Optional(
        Type.Array(Type.String({ pattern: '^/[!-~]{1,200}$', 'x-expected': 'a path' }), {
          description:
            'Routes (`/v1/chat/completions`, `/v1/embeddings`) whose equal requests share one upstream call while it is under way; any other request may ask for it with `x-headgate-coalesce: 1`.',
          default: DEFAULT_COALESCE.routes,
        }),
      ),
      maxAnswerBytes: integer(1_024, GIGABYTE, {
        description: 'Beyond so much of an answer nobody joins it any more.',
        default: DEFAULT_COALESCE.maxAnswerBytes,
      }),
    },
    { ...strict, description: 'Equal requests of one caller that are under way at the same time.' },
  ),
);
