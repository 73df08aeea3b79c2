// The schema of `admin.edge`: how machines at the edge enrol.
import { DEFAULT_EDGE } from './defaults.ts';
import { flag, strict } from './parts.ts';
import Type from './type.ts';

export const edge = Type.Optional(
  Type.Object(
    {
      clientId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 512,
          description:
            'A client of the OpenID provider that may use the device flow (RFC 8628): people enrol their machines by a login there.',
          'x-default': 'none: nobody enrols by a login',
          'x-env': 'HEADGATE_EDGE_CLIENT_ID',
        }),
      ),
      clientSecret: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 8_192,
          'x-secret': true,
          description: 'Of that client. It stays here: machines never speak to the provider.',
          'x-default': 'none: a public client',
          'x-env': 'HEADGATE_EDGE_CLIENT_SECRET',
        }),
      ),
      issuer: Type.Optional(
        Type.String({
          pattern: '^https?://[^\\s@?#]{1,2048}$',
          'x-expected': 'an address that begins with https:// (or http://)',
          description: 'The provider, exactly as `iss` has it.',
          'x-default': 'that of `admin.oidc`',
          'x-env': 'HEADGATE_EDGE_ISSUER',
        }),
      ),
      scopes: Type.Optional(
        Type.Array(
          Type.String({ pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,128}$', 'x-expected': 'a scope' }),
          { description: 'Asked for beside `openid`.', 'x-default': '`profile`, `email`' },
        ),
      ),
      certificates: flag({
        description:
          'Who shows a certificate that a listener’s authority signed (`listeners[].tls.ca`) enrols by it, without a login.',
        default: DEFAULT_EDGE.certificates,
        'x-env': 'HEADGATE_EDGE_CERTIFICATES',
      }),
      team: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 128,
          description:
            'Team that keys of devices belong to, by id or name. A user with the address of the person owns the key beside.',
          'x-default': 'none',
          'x-env': 'HEADGATE_EDGE_TEAM',
        }),
      ),
    },
    {
      ...strict,
      description: 'How machines at the edge enrol (`headgate edge enrol`).',
      'x-default': 'by an administrator alone',
    },
  ),
);
