// The schema of `log`: lines on stdout, and the log of requests beside the store.
import { DEFAULT_LOG, DEFAULT_REQUEST_LOG } from './defaults.ts';
import { callbacks, logExport } from './log-receivers.ts';
import { flag, integer, strict } from './parts.ts';
import Type from './type.ts';
import { LOG_LEVELS } from './vocabulary.ts';

const patterns = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { description, 'x-default': 'all' }),
  );

const bodies = Type.Optional(
  Type.Array(
    Type.Object(
      {
        keys: patterns('Names of keys whose calls are meant, `*` for any run of characters.'),
        routes: patterns('Routes that are meant: `/v1/chat/completions`, `/v1/*`.'),
        maxBytes: integer(1, 16_777_216, {
          description: 'So much of each body is kept, its beginning, in bytes.',
          'x-default': `\`${DEFAULT_REQUEST_LOG.maxBodyBytes}\``,
        }),
      },
      strict,
    ),
    {
      description:
        'Whose requests and answers are kept, without keys of providers and what else looks like a credential; what a guardrail took out of a request stands as its placeholder in both. The first entry that fits counts.',
      'x-default': 'none: no body is kept',
    },
  ),
);

export const logSection = Type.Optional(
  Type.Object(
    {
      level: Type.Optional(
        Type.Enum([...LOG_LEVELS], {
          description: 'Least severe level that is logged.',
          default: DEFAULT_LOG.level,
          'x-env': 'HEADGATE_LOG_LEVEL',
        }),
      ),
      access: flag({
        description: 'One line a request.',
        default: DEFAULT_LOG.access,
        'x-env': 'HEADGATE_ACCESS_LOG',
      }),
      format: Type.Optional(
        Type.Enum(['auto', 'json', 'pretty'], {
          description: 'How lines are written: `auto` is `pretty` on a terminal and `json` elsewhere.',
          default: DEFAULT_LOG.format,
          'x-env': 'HEADGATE_LOG_FORMAT',
        }),
      ),
      requests: flag({
        description:
          'Where there is an administration: a row for each attempt of a call, with statistics and the ledger (`/api/logs`).',
        'x-default': '`true`',
        'x-env': 'HEADGATE_REQUEST_LOG',
      }),
      retentionDays: integer(1, 3_650, {
        description: 'Rows are kept so long.',
        'x-default': `\`${DEFAULT_REQUEST_LOG.retentionDays}\``,
        'x-env': 'HEADGATE_LOG_RETENTION_DAYS',
      }),
      bodyRetentionDays: integer(1, 3_650, {
        description: 'Bodies are kept so long.',
        'x-default': `\`${DEFAULT_REQUEST_LOG.bodyRetentionDays}\``,
        'x-env': 'HEADGATE_LOG_BODY_RETENTION_DAYS',
      }),
      ledgerRetentionDays: integer(1, 36_500, {
        description: 'Charges are kept so long, and sums of days with them; of hours 60 days, of minutes 3.',
        'x-default': `\`${DEFAULT_REQUEST_LOG.ledgerRetentionDays}\``,
        'x-env': 'HEADGATE_LEDGER_RETENTION_DAYS',
      }),
      spoolMaxBytes: integer(1_048_576, 1_099_511_627_776, {
        description:
          'What may wait on disk while nobody reads it; rows beyond are dropped and counted, calls go on.',
        'x-default': `\`${DEFAULT_REQUEST_LOG.spoolMaxBytes}\``,
        'x-env': 'HEADGATE_LOG_SPOOL_MAX_BYTES',
      }),
      bodies,
      callbacks,
      export: logExport,
    },
    {
      ...strict,
      description:
        'Lines on stdout, JSON or readable on a terminal, never with a body or a key; and the log of requests.',
    },
  ),
);
