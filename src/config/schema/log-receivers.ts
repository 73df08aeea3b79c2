// The schema of what rows of the request log are handed on to: `log.callbacks` and `log.export`.
import { DEFAULT_CALLBACK, DEFAULT_LOG_EXPORT } from './defaults.ts';
import { duration, flag, integer, secret, strict } from './parts.ts';
import Type from './type.ts';

const address = (expected: string, description: string) =>
  Type.String({
    pattern: '^https?://[^\\s?#]+$',
    maxLength: 2_048,
    'x-expected': expected,
    description,
  });

export const callbacks = Type.Optional(
  Type.Array(
    Type.Object(
      {
        type: Type.Enum(['webhook', 'langfuse'], {
          description:
            '`webhook`: rows as JSON, signed. `langfuse`: a trace a call, a generation an attempt.',
        }),
        name: Type.Optional(
          Type.String({
            pattern: '^[A-Za-z0-9._-]{1,64}$',
            'x-expected': 'a name of letters, digits, `.`, `_`, `-`',
            description: 'Name in metrics and log lines.',
            'x-default': 'its type',
          }),
        ),
        url: Type.Optional(
          address(
            'an address, `https://host/path`',
            'Where it listens; of Langfuse the host alone. A webhook needs it.',
          ),
        ),
        secret: Type.Optional(
          secret(
            'Of a webhook: signs each request as Standard Webhooks do (`webhook-signature`, HMAC-SHA256): `whsec_` and base64, or any text.',
          ),
        ),
        publicKey: Type.Optional(secret('Of a project of Langfuse’s: `pk-lf-…`.')),
        secretKey: Type.Optional(secret('Beside it: `sk-lf-…`.')),
        headers: Type.Optional(
          Type.Record(Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$" }), secret('Its value.'), {
            ...strict,
            'x-expected': 'the name of a header',
            description: 'Sent with each request.',
            'x-default': 'none',
          }),
        ),
        outcomes: Type.Optional(
          Type.Array(Type.Enum(['ok', 'error', 'cancelled'], { description: 'How a call ended.' }), {
            minItems: 1,
            description: 'Only calls that ended so.',
            'x-default': 'all',
          }),
        ),
        content: flag({
          description:
            'Requests and answers go along, as far as `log.bodies` keeps them, redacted as they are.',
          'x-default': `\`${DEFAULT_CALLBACK.content}\``,
        }),
        batchCalls: integer(1, 1_000, {
          description: 'Calls of one request at most.',
          'x-default': `\`${DEFAULT_CALLBACK.batchCalls}\``,
        }),
        waitMs: duration({
          description: 'How long the first of them waits for others.',
          'x-default': `\`${DEFAULT_CALLBACK.waitMs}\``,
        }),
        maxRows: integer(1, 1_000_000, {
          description: 'Rows that may wait; those beyond are dropped and counted.',
          'x-default': `\`${DEFAULT_CALLBACK.maxRows}\``,
        }),
        timeoutMs: duration(
          { description: 'Longest wait for an answer.', 'x-default': `\`${DEFAULT_CALLBACK.timeoutMs}\`` },
          1,
        ),
        patienceMs: duration({
          description: 'How long a request is tried again while the receiver cannot take it.',
          'x-default': `\`${DEFAULT_CALLBACK.patienceMs}\``,
        }),
      },
      strict,
    ),
    {
      maxItems: 16,
      description: 'Services that get rows of the request log as they are written, from the gatehouse.',
      'x-default': 'none',
    },
  ),
);

export const logExport = Type.Optional(
  Type.Object(
    {
      endpoint: Type.Optional(
        address(
          'the address of a service that speaks S3',
          'Service that speaks S3 (MinIO, Ceph, R2, …), without the bucket.',
        ),
      ),
      region: Type.Optional(
        Type.String({
          pattern: '^[A-Za-z0-9-]{1,64}$',
          'x-expected': 'a region such as `eu-central-1`',
          description: 'Of the bucket; `AWS_REGION` counts where nothing else says it.',
          'x-default': `\`${DEFAULT_LOG_EXPORT.region}\``,
        }),
      ),
      bucket: Type.String({
        pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
        'x-expected': 'the name of a bucket',
        description: 'It has to be there.',
      }),
      prefix: Type.Optional(
        Type.String({
          pattern: "^[A-Za-z0-9!_.*'()/=-]{0,512}$",
          'x-expected': 'letters, digits, `/`, `=`, `-`, `_`, `.`',
          description: 'Goes before the names of all objects.',
          'x-default': `\`${DEFAULT_LOG_EXPORT.prefix}\``,
        }),
      ),
      accessKeyId: Type.Optional(
        secret('Of a key pair that may write there; `AWS_ACCESS_KEY_ID` counts where nothing else says it.'),
      ),
      secretAccessKey: Type.Optional(
        secret('Its secret; `AWS_SECRET_ACCESS_KEY` counts where nothing else says it.'),
      ),
      pathStyle: flag({
        description: 'The bucket stands in the path, not in the host’s name.',
        'x-default': '`true` with `endpoint`, else `false`',
      }),
      hourly: flag({
        description:
          'Each hour goes there by itself once it is over; else only what is asked for (`POST /api/logs/exports`).',
        'x-default': `\`${DEFAULT_LOG_EXPORT.hourly}\``,
      }),
      delayMs: duration({
        description: 'So long after an hour’s end: rows that wait in a spool are in by then.',
        'x-default': `\`${DEFAULT_LOG_EXPORT.delayMs}\``,
      }),
    },
    {
      ...strict,
      description: 'Storage that speaks S3 and gets the rows as NDJSON, gzip, hour by hour.',
      'x-default': 'none',
    },
  ),
);
