// The schema of `alerts`: whom budgets tell of their marks.
import { duration, secret, strict } from './parts.ts';
import Type from './type.ts';

export const DEFAULT_WEBHOOK_TIMEOUT_MS = 5_000;

export const alerts = Type.Optional(
  Type.Object(
    {
      webhooks: Type.Optional(
        Type.Array(
          Type.Object(
            {
              url: Type.String({
                pattern: '^https?://[^\\s#]+$',
                maxLength: 2048,
                'x-expected': 'an address, `https://host/path`',
                'x-secret': true,
                description: 'Gets a POST with a JSON body for each alert.',
              }),
              secret: Type.Optional(
                secret(
                  'Signs each request as Standard Webhooks do (`webhook-signature`, HMAC-SHA256): `whsec_` and base64, or any text.',
                ),
              ),
              headers: Type.Optional(
                Type.Record(
                  Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$" }),
                  secret('Its value.'),
                  {
                    ...strict,
                    'x-expected': 'the name of a header',
                    description: 'Sent with each request.',
                    'x-default': 'none',
                  },
                ),
              ),
              timeoutMs: duration(
                { description: 'Longest wait for an answer.', default: DEFAULT_WEBHOOK_TIMEOUT_MS },
                1,
              ),
              marks: Type.Optional(
                Type.Array(Type.Enum(['soft', 'hard'], { description: 'A mark of a budget.' }), {
                  minItems: 1,
                  description: 'Which marks it is told of.',
                  'x-default': 'both',
                }),
              ),
            },
            strict,
          ),
          { maxItems: 20, description: 'Addresses that are told of alerts.', 'x-default': 'none' },
        ),
      ),
    },
    {
      ...strict,
      description:
        'Alerts: a budget that passes its soft mark (`softAt`), or is used up, says so once in a window, over all workers and gateways that share a Redis.',
    },
  ),
);
