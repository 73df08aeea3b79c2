// The schema of `auth.mtls`: certificates of clients that are taken for keys.
import type { TProperties } from 'typebox';
import { strict } from './parts.ts';
import Type from './type.ts';

const NAME = '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$';
const named = (description: string) =>
  Type.Optional(Type.String({ pattern: NAME, 'x-expected': 'a name', description }));
const place = (description: string, otherwise = 'not read') =>
  Type.Optional(
    Type.String({
      pattern: '^(san\\.(uri|dns|email|ip)|[A-Za-z]{1,64}|[0-9.]{3,64})$',
      'x-expected': 'an attribute of the subject (`CN`, `OU`), or `san.uri`, `san.dns`, `san.email`',
      description,
      'x-default': otherwise,
    }),
  );

/** @param policy what a caller may do, as of a key */
export function certificates<P extends TProperties>(policy: P) {
  return Type.Optional(
    Type.Array(
      Type.Object(
        {
          name: named('Name in logs and metrics, before the caller’s own: `mesh:app`.'),
          match: Type.Object(
            {
              subject: Type.Optional(
                Type.Record(
                  Type.String({ pattern: '^[A-Za-z0-9.]{1,64}$', 'x-expected': 'an attribute such as `CN`' }),
                  Type.String({ minLength: 1, maxLength: 512 }),
                  {
                    description:
                      'Attributes of the subject, each with a value or a pattern (`*` for any run of characters).',
                  },
                ),
              ),
              san: Type.Optional(
                Type.String({
                  minLength: 1,
                  maxLength: 2_048,
                  description:
                    'One of its alternative names, or a pattern: `spiffe://example.org/ns/prod/*`, `*.svc.example`.',
                }),
              ),
              fingerprint: Type.Optional(
                Type.Union(
                  [
                    Type.String({ pattern: FINGERPRINT, 'x-expected': A_FINGERPRINT }),
                    Type.Array(Type.String({ pattern: FINGERPRINT, 'x-expected': A_FINGERPRINT }), {
                      minItems: 1,
                    }),
                  ],
                  {
                    description:
                      'SHA-256 of the certificate in hexadecimal, with or without colons; or several.',
                  },
                ),
              ),
            },
            {
              ...strict,
              description:
                'Which certificates: all that is stated must fit. The first rule that fits counts.',
            },
          ),
          key: named('Name of a key, whose holder it then is.'),
          organization: named('Organization it belongs to.'),
          team: named('Team it belongs to.'),
          user: named('Person it is of.'),
          customer: named('End user all its calls are for.'),
          project: named('Project it belongs to.'),
          claims: Type.Optional(
            Type.Object(
              {
                name: place(
                  'What it is called in logs and metrics.',
                  '`CN`, else its first alternative name',
                ),
                organization: place('Organization it belongs to.'),
                team: place('Team it belongs to.'),
                user: place('Person it is of.'),
                customer: place('End user all its calls are for.'),
                project: place('Project it belongs to.'),
              },
              { ...strict, description: 'Where the certificate says who its holder is.' },
            ),
          ),
          ...policy,
        },
        strict,
      ),
      {
        description:
          'Certificates that are taken for keys, at listeners whose `tls.ca` signed them. A known key that is sent along goes before.',
        'x-default': 'none',
      },
    ),
  );
}

const FINGERPRINT = '^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$';
const A_FINGERPRINT = '64 hexadecimal digits';
