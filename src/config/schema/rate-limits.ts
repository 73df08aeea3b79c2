// The schema of `limits`, of a key's own limits and of `redis`.

import { RATE_PATTERN } from '../../limits/rate-text.ts';
import { DEFAULT_REDIS } from './defaults.ts';
import { duration, integer, strict } from './parts.ts';
import Type from './type.ts';

const rate = (description: string) =>
  Type.Optional(
    Type.String({
      pattern: RATE_PATTERN,
      'x-expected': 'a rate such as `600/min` (units s, min, h, d)',
      description,
    }),
  );

const SCOPE =
  '^(key|organization|team|user|customer|project|tag|model|provider|gateway|header:[a-z0-9-]{1,64})$';
export const scope = () =>
  Type.String({
    pattern: SCOPE,
    'x-expected':
      '`key`, `organization`, `team`, `user`, `customer`, `project`, `tag`, `model`, `provider`, `gateway` or `header:<name in lower case>`',
    description: 'What is counted apart.',
  });

const name = Type.Optional(
  Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$',
    'x-expected': 'a name of letters, digits, `_`, `-` (64 at most)',
    description: 'Name in refusals and metrics.',
    'x-default': '`limit-1`, `limit-2`, …; of a key the name of the key, of a team `team-<name>`',
  }),
);

const pattern = (what: string) =>
  Type.Optional(
    Type.String({
      pattern: '^[^*\\s]{0,256}\\*?$',
      minLength: 1,
      'x-expected': 'a name without spaces, `*` only at its end',
      description: `Only for this ${what}; \`*\` at the end matches any rest.`,
      'x-default': 'any',
    }),
  );

export const match = (description: string) =>
  Type.Optional(
    Type.Object(
      {
        key: pattern('key'),
        organization: pattern('organization'),
        team: pattern('team'),
        user: pattern('user'),
        customer: pattern('customer'),
        project: pattern('project'),
        tag: pattern('tag'),
        model: pattern('model'),
        provider: pattern('provider'),
      },
      { ...strict, description },
    ),
  );

const dimensions = {
  requests: rate('Calls, such as `600/min`.'),
  tokens: rate('Tokens of prompt and answer, such as `200000/min`.'),
  concurrent: integer(1, 10_000_000, { description: 'Calls at the same time.', 'x-default': 'any number' }),
  burst: integer(1, 1_000_000_000, {
    description:
      'What may come at once, on top of the even pace; of `requests`, or of `tokens` where no requests are limited.',
    'x-default': '2 % of the limit (of a small one up to 4), and then no period holds more than the limit',
  }),
};

/** Limits of one key, team, …. */
export const keyLimits = Type.Optional(
  Type.Array(Type.Object({ name, ...dimensions }, strict), {
    description:
      'Limits of its own, beside those of `limits`: of a key for itself, of a team for all its keys together.',
    'x-default': 'none',
  }),
);

/** Limits by what they are counted per. */
export const limits = Type.Optional(
  Type.Array(
    Type.Object(
      {
        name,
        per: Type.Optional(
          Type.Union([scope(), Type.Array(scope(), { minItems: 1 })], {
            description:
              'What is counted apart: `key`, `organization`, `team`, `user`, `customer` (end user), `project`, `tag`, `model`, `provider`, `header:<name>`, or several of them; `gateway` is one count for all.',
            'x-default': '`gateway`',
          }),
        ),
        match: match('Which calls the limit is for.'),
        ...dimensions,
      },
      strict,
    ),
    { description: 'Limits. All that match a call must admit it.' },
  ),
);

/** Where counters live that several gateways share. */
export const redis = Type.Optional(
  Type.Object(
    {
      url: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 8192,
          'x-secret': true,
          'x-env': 'HEADGATE_REDIS_URL',
          'x-default': 'none: the counters live in this gateway',
          description:
            'Redis that several gateways share, such as `redis://:password@host:6379/0`, `rediss://…` for TLS.',
        }),
      ),
      mode: Type.Optional(
        Type.Enum(['lease', 'strict'], {
          description:
            '`lease`: workers take batches (at most 1 % over); `strict`: one question a call (never over).',
          default: DEFAULT_REDIS.mode,
          'x-env': 'HEADGATE_REDIS_MODE',
        }),
      ),
      onFailure: Type.Optional(
        Type.Enum(['open', 'closed'], {
          description:
            'Limited calls while Redis cannot be asked: `open` serves them, `closed` refuses them with 503.',
          default: DEFAULT_REDIS.onFailure,
          'x-env': 'HEADGATE_REDIS_ON_FAILURE',
        }),
      ),
      timeoutMs: duration(
        {
          description:
            'How long a limited call waits for Redis before `onFailure` decides; three round trips at least.',
          default: DEFAULT_REDIS.timeoutMs,
          'x-env': 'HEADGATE_REDIS_TIMEOUT_MS',
        },
        5,
      ),
      ca: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 65_536,
          'x-env': 'HEADGATE_REDIS_CA',
          'x-default': 'the well-known authorities, and those of NODE_EXTRA_CA_CERTS',
          description:
            'For `rediss://`: certificates (PEM) of the only authorities to trust, best as `file:/path/ca.pem`.',
        }),
      ),
    },
    { ...strict, description: 'Counters of the limits for several gateways together.' },
  ),
);
