// The schema of `admin.oidc`: administrators log in at an OpenID provider.
import { DEFAULT_OIDC } from './defaults.ts';
import { flag, strict } from './parts.ts';
import Type from './type.ts';

const ROLES = ['admin', 'editor', 'viewer', 'team-admin'] as const;

const claim = (description: string, otherwise: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 256, description, 'x-default': otherwise }));

export const oidc = Type.Optional(
  Type.Object(
    {
      issuer: Type.String({
        pattern: '^https?://[^\\s@?#]{1,2048}$',
        'x-expected': 'an address that begins with https:// (or http://)',
        description:
          'The provider, exactly as `iss` has it; the rest is read below it (`/.well-known/openid-configuration`).',
        'x-env': 'HEADGATE_OIDC_ISSUER',
      }),
      clientId: Type.String({
        minLength: 1,
        maxLength: 512,
        description: 'As the provider knows this gateway.',
        'x-env': 'HEADGATE_OIDC_CLIENT_ID',
      }),
      clientSecret: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 8_192,
          'x-secret': true,
          description:
            'What the gateway proves itself with; the code’s proof (PKCE) is sent with and without it.',
          'x-default': 'none: a public client',
          'x-env': 'HEADGATE_OIDC_CLIENT_SECRET',
        }),
      ),
      url: Type.String({
        pattern: '^https?://[A-Za-z0-9.:_\\[\\]-]{1,255}/?$',
        'x-expected': 'an address without a path, such as https://gateway.example.com',
        description:
          'This gateway as browsers reach it. Register `<url>/api/login/oidc/callback` as the redirect address.',
        'x-env': 'HEADGATE_OIDC_URL',
      }),
      label: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 64,
          description: 'What the button says.',
          default: DEFAULT_OIDC.label,
        }),
      ),
      scopes: Type.Optional(
        Type.Array(
          Type.String({ pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,128}$', 'x-expected': 'a scope' }),
          {
            description: 'Asked for beside `openid`.',
            'x-default': '`profile`, `email`',
          },
        ),
      ),
      claims: Type.Optional(
        Type.Object(
          {
            name: claim('What the administrator is called.', '`preferred_username`, else the address'),
            email: claim('Address of the person.', '`email`'),
            roles: claim('Groups or roles that `grants` speak of: a list, or one text.', '`groups`'),
            teams: claim('Teams of a team-admin, by id or name.', 'none: those of `grants`'),
          },
          {
            ...strict,
            description:
              'Where the provider says it: path of a claim, `realm_access.roles`, in the ID token or at `userinfo`.',
          },
        ),
      ),
      grants: Type.Optional(
        Type.Array(
          Type.Object(
            {
              value: Type.String({
                minLength: 1,
                maxLength: 512,
                description: 'One of the claim `roles`; `*` for any run of characters.',
              }),
              role: Type.Enum([...ROLES], { description: 'What it may do.' }),
              teams: Type.Optional(
                Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
                  description: 'Of a team-admin: ids or names.',
                  'x-default': 'those of the claim `teams`',
                }),
              ),
            },
            strict,
          ),
          {
            description:
              'Which role a person has, looked at with each login: the first that fits counts; teams of all that fit do.',
            'x-default': 'none: the role an administrator gave, or `defaultRole`',
          },
        ),
      ),
      defaultRole: Type.Optional(
        Type.Enum([...ROLES], {
          description: 'Of who has no grant.',
          'x-default': 'none: who has no grant is refused',
          'x-env': 'HEADGATE_OIDC_DEFAULT_ROLE',
        }),
      ),
      users: Type.Optional(
        Type.Enum(['create', 'known'], {
          description:
            '`known`: only administrators that there are, found by their `subject` or, once, by an address that the provider has verified.',
          default: DEFAULT_OIDC.users,
          'x-env': 'HEADGATE_OIDC_USERS',
        }),
      ),
      only: flag({
        description: 'Nobody logs in by password. Personal tokens work on.',
        default: DEFAULT_OIDC.only,
        'x-env': 'HEADGATE_OIDC_ONLY',
      }),
    },
    {
      ...strict,
      description: 'Administrators log in at an OpenID provider.',
      'x-default': 'none: by password',
    },
  ),
);
