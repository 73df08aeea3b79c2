// The schema of who calls: `auth`, and the organizations, teams, users, customers and projects that callers belong to.

import type { TProperties } from 'typebox';
import { DEFAULT_TOKEN_LEEWAY_MS } from './defaults.ts';
import { ownGuardrails } from './guardrails.ts';
import { duration, flag, secret, strict } from './parts.ts';
import { certificates } from './mtls.ts';
import { ownBudgets } from './budgets.ts';
import { keyLimits } from './rate-limits.ts';
import Type from './type.ts';
import { TOKEN_ALGORITHMS } from './vocabulary.ts';

const NAME = '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$';
const A_NAME = 'a name of letters, digits, `.`, `_`, `@`, `-` (64 at most)';

const name = (description: string) =>
  Type.Optional(Type.String({ pattern: NAME, 'x-expected': A_NAME, description }));

/** Patterns: an entry with `!` in front denies, an empty list denies all. Nothing at all behind the key is a mistake. */
const grant = (what: string, description: string) =>
  Type.Optional(
    Type.Array(
      Type.String({
        pattern: '^!?[^\\s!]{1,256}$',
        'x-expected': `${what} without spaces, \`!\` in front to deny`,
      }),
      { description, 'x-default': 'all', 'x-empty-denies': true },
    ),
  );

const names = (description: string) =>
  Type.Optional(Type.Array(Type.String({ pattern: NAME, 'x-expected': A_NAME }), { description }));

const modelName = Type.String({
  pattern: '^[^\\s*]{1,256}$',
  'x-expected': 'a model name without spaces and `*`',
});

const claimPath = (description: string, fallback = 'not read') =>
  Type.Optional(
    Type.String({
      pattern: '^\\S{1,256}$',
      'x-expected': 'the path of a claim without spaces',
      description,
      'x-default': fallback,
    }),
  );

/** What a caller may do, and how its calls are treated. */
const policy = {
  models: grant(
    'a model, or a pattern,',
    'Models that may be used, by the name callers use, by `provider/model` or by the bare name: `openai/*`, `!*-preview`. A denial wins; `[]` denies all.',
  ),
  providers: grant('a provider, or a pattern,', 'Providers that may be used.'),
  endpoints: grant(
    'an operation or a route, or a pattern,',
    'What may be called: operations (`chat`) or routes (`/v1/messages`). Lists of models are always open, and show what may be used.',
  ),
  ips: Type.Optional(
    Type.Array(
      Type.String({
        pattern: '^[0-9A-Fa-f.:/*]{1,50}$',
        'x-expected': 'an address, or a network such as `10.0.0.0/8`',
      }),
      {
        description: 'Addresses and networks calls may come from.',
        'x-default': 'all',
        'x-empty-denies': true,
      },
    ),
  ),
  tags: names('Tags of its calls, for limits and metrics of their own.'),
  priority: Type.Optional(
    Type.Enum(['high', 'normal', 'low', 'batch'], {
      description: 'Class of its calls in the queues of lanes.',
      'x-default': '`normal`',
    }),
  ),
  aliases: Type.Optional(
    Type.Record(
      Type.String({ pattern: '^(?!__proto__$)[^\\s*]{1,256}$' }),
      Type.Union([modelName, Type.Array(modelName, { minItems: 1 })]),
      {
        ...strict,
        'x-expected': 'a model name without spaces and `*`',
        description: 'Names of models of its own: for one model, or for several in the order of their use.',
      },
    ),
  ),
  fallbacks: Type.Optional(
    Type.Array(modelName, {
      description: 'Models that follow where a request lists no `fallbacks`.',
      'x-default': 'none',
    }),
  ),
  blocked: flag({ description: 'Its calls are refused (401) until this is taken back.', default: false }),
};

const place = {
  organization: name('Organization it belongs to.'),
  team: name('Team it belongs to; limits of a team are shared by all its keys.'),
};

export const auth = Type.Object(
  {
    keys: Type.Optional(
      Type.Array(
        Type.Union([
          secret('The key itself.'),
          Type.Object(
            {
              name: Type.Optional(
                Type.String({
                  pattern: NAME,
                  'x-expected': A_NAME,
                  description: 'Name in logs and metrics.',
                  'x-default': '`key-1`, `key-2`, …',
                }),
              ),
              value: secret('The key itself.'),
              accessKeyId: Type.Optional(
                Type.String({
                  pattern: '^[A-Za-z0-9._-]{1,128}$',
                  'x-expected': 'an access key id of letters, digits, `.`, `_`, `-` (128 at most)',
                  description:
                    'Makes the key the secret of a key pair: callers with AWS’s SDKs sign with it (SigV4). To check a signature the key itself must be at hand, so it cannot be kept as a digest.',
                  'x-default': 'none: the key is shown, not signed with',
                }),
              ),
              ...place,
              user: name('Person it belongs to.'),
              customer: name('End user all its calls are for, whatever a call says.'),
              project: name('Project it belongs to.'),
              expiresAt: Type.Optional(
                Type.String({
                  pattern:
                    '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?(Z|[+-]\\d{2}:\\d{2}))?$',
                  'x-expected': 'a date such as `2027-01-31`, or a time such as `2027-01-31T18:00:00Z`',
                  description:
                    'From then on its calls are refused (401); a date alone is its beginning in UTC.',
                  'x-default': 'never',
                }),
              ),
              service: flag({ description: 'A service’s, no person’s.', default: false }),
              ...policy,
              limits: keyLimits,
              budgets: ownBudgets,
              guardrails: ownGuardrails,
            },
            strict,
          ),
        ]),
        {
          description: 'Keys that clients present.',
          'x-default': 'none: loopback only',
          'x-env': 'HEADGATE_API_KEYS',
        },
      ),
    ),
    jwt: Type.Optional(
      Type.Array(
        Type.Object(
          {
            name: name('Name in logs and metrics, before the caller’s own: `sso:ada`.'),
            issuer: Type.String({ minLength: 1, maxLength: 2048, description: 'Exactly as `iss` has it.' }),
            audience: Type.Union(
              [
                Type.String({ minLength: 1, maxLength: 512 }),
                Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { minItems: 1 }),
              ],
              { description: 'What `aud` must have, or one of several.' },
            ),
            jwksUrl: Type.String({
              pattern: '^https?://[^\\s@]{1,2048}$',
              'x-expected': 'an address that begins with https:// (or http://)',
              description: 'Where the issuer’s public keys are (JWKS).',
            }),
            algorithms: Type.Optional(
              Type.Array(Type.Enum([...TOKEN_ALGORITHMS]), {
                minItems: 1,
                description: 'How tokens may be signed. No secret that both sides know is ever taken.',
                'x-default': '`RS256`, `PS256`, `ES256`, `EdDSA`',
              }),
            ),
            claims: Type.Optional(
              Type.Object(
                {
                  name: claimPath('What it is called in logs and metrics.', '`sub`'),
                  key: claimPath('Name of a key of this gateway, whose holder it then is.'),
                  organization: claimPath('Organization it belongs to.'),
                  team: claimPath('Team it belongs to.'),
                  user: claimPath('Person it is of.'),
                  customer: claimPath('End user all its calls are for.'),
                  project: claimPath('Project it belongs to.'),
                  tags: claimPath('Tags: a list, or text with spaces between them.'),
                },
                {
                  ...strict,
                  description: 'Where the token says who its holder is: path of a claim, `realm.team`.',
                },
              ),
            ),
            leewayMs: duration({
              description: 'How far the issuer’s clock may differ.',
              default: DEFAULT_TOKEN_LEEWAY_MS,
            }),
            ...policy,
          },
          strict,
        ),
        { description: 'Issuers whose tokens (JWT) are taken for keys.', 'x-default': 'none' },
      ),
    ),
    mtls: certificates(policy),
    anonymous: flag({
      description: 'Serve calls without a key, also from other machines.',
      default: false,
      'x-env': 'HEADGATE_ALLOW_ANONYMOUS',
    }),
    customerHeader: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9-]{1,64}$',
        'x-expected': 'a header’s name in lower case',
        description:
          'Header that names the end user of a call, for limits per `customer`. Let a proxy or a back end of yours set it.',
        'x-default': 'none: the body’s `user`, `safety_identifier` or `metadata.user_id`',
        'x-env': 'HEADGATE_CUSTOMER_HEADER',
      }),
    ),
  },
  { ...strict, description: 'Who may call.' },
);

const group = <P extends TProperties>(description: string, properties: P) =>
  Type.Optional(
    Type.Record(
      Type.String({ pattern: NAME }),
      Type.Object(
        { ...properties, ...policy, limits: keyLimits, budgets: ownBudgets, guardrails: ownGuardrails },
        strict,
      ),
      { ...strict, 'x-expected': A_NAME, description },
    ),
  );

export const organizations = group(
  'Organizations by name. What one may not do none of its teams, users, projects and keys may do.',
  {},
);
export const teams = group('Teams by name; keys of a team share its limits.', {
  organization: place.organization,
});
export const users = group('People by name; their keys share their limits.', place);
export const projects = group('Projects by name; keys of a project share its limits.', place);

/** Whoever calls for them: they have limits, and may do what the key may. */
export const customers = Type.Optional(
  Type.Record(
    Type.String({ pattern: '^(?!__proto__$)[^\\s]{1,256}$' }),
    Type.Object({ limits: keyLimits, budgets: ownBudgets }, strict),
    {
      ...strict,
      'x-expected': 'a name without spaces (256 at most)',
      description:
        'End users by the name that calls give them, with limits and budgets of their own beside those of `limits` and `budgets` per `customer`.',
    },
  ),
);
