// The schema of `responses`.
import { DEFAULT_RESPONSES } from './defaults.ts';
import { integer, strict } from './parts.ts';
import Type from './type.ts';

const THIRTY_DAYS_MS = 30 * 86_400_000;

/** What is kept of Responses. */
export const responses = Type.Optional(
  Type.Object(
    {
      store: Type.Optional(
        Type.Enum(['auto', 'memory', 'off'], {
          description:
            'Where turns are kept: `auto` is in Redis where one is configured, else in the memory of the worker that made them; `off` is nowhere, and `previous_response_id` is for upstreams that keep responses alone.',
          default: DEFAULT_RESPONSES.store,
          'x-env': 'HEADGATE_RESPONSES_STORE',
        }),
      ),
      ttlMs: integer(1_000, THIRTY_DAYS_MS, {
        description: 'How long a turn is kept, in ms.',
        default: DEFAULT_RESPONSES.ttlMs,
        'x-env': 'HEADGATE_RESPONSES_TTL_MS',
      }),
      maxBytes: integer(65_536, 68_719_476_736, {
        description:
          'Memory of one worker for turns; those that were not used for longest go first. One turn may take a quarter of it.',
        default: DEFAULT_RESPONSES.maxBytes,
        'x-env': 'HEADGATE_RESPONSES_MAX_BYTES',
      }),
      unknown: Type.Optional(
        Type.Enum(['refuse', 'pass'], {
          description:
            'What becomes of an id that is not known here (any more): `refuse` is a 404; `pass` leaves it to an upstream that keeps responses, for any caller who knows it. With one caller alone it is always left to such an upstream.',
          default: DEFAULT_RESPONSES.unknown,
          'x-env': 'HEADGATE_RESPONSES_UNKNOWN',
        }),
      ),
      maxBackground: integer(0, 100_000, {
        description:
          'Responses that run in the background on one worker at once; beyond them `background` is a 503.',
        default: DEFAULT_RESPONSES.maxBackground,
        'x-env': 'HEADGATE_RESPONSES_MAX_BACKGROUND',
      }),
    },
    { ...strict, description: 'What is kept of Responses, so that later turns can build on them.' },
  ),
);
