// The schema of credentials that expire, as a provider's key states them in place of a value.

import { secret, strict } from './parts.ts';
import Type from './type.ts';

const text = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 2_048, description }));
const hidden = (description: string) => Type.Optional(secret(description));

const google = Type.Object(
  {
    file: text('Path of a credentials file of Google’s, read anew for each token.'),
    credentials: hidden('What stands in such a file.'),
    impersonate: text('Email of the service account to act as.'),
    scopes: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description: 'Scopes of the tokens.',
        'x-default': '`https://www.googleapis.com/auth/cloud-platform`',
      }),
    ),
  },
  { ...strict, description: 'Google’s tokens. Empty: as Google’s own tools find their credentials.' },
);

const azure = Type.Object(
  {
    tenantId: text('Tenant. Default: `AZURE_TENANT_ID`.'),
    clientId: text('Application, or managed identity. Default: `AZURE_CLIENT_ID`.'),
    clientSecret: hidden('Secret of the application. Default: `AZURE_CLIENT_SECRET`.'),
    tokenFile: text('File of a workload’s token. Default: `AZURE_FEDERATED_TOKEN_FILE`.'),
    authority: text(
      'Where tokens are issued. Default: `AZURE_AUTHORITY_HOST`, else `https://login.microsoftonline.com`.',
    ),
    scope: text('Default: `https://cognitiveservices.azure.com/.default`.'),
  },
  {
    ...strict,
    description:
      'Tokens of Microsoft Entra. Without a secret and a token file: the managed identity of the machine.',
  },
);

const aws = Type.Object(
  {
    profile: text('Profile of the shared files. Default: `AWS_PROFILE`.'),
    roleArn: text('Role to assume.'),
    externalId: text('External id of the role.'),
    sessionName: text('Name of the session. Default: `headgate`.'),
    tokenFile: text('File of a web identity’s token, by which the role is assumed.'),
  },
  { ...strict, description: 'Key pairs of AWS that expire. Empty: AWS’s default chain.' },
);

const oauth = Type.Object(
  {
    tokenUrl: Type.String({
      pattern: '^https?://\\S+$',
      'x-expected': 'a URL',
      description: 'Where tokens are issued.',
    }),
    clientId: Type.String({ minLength: 1, description: 'The client’s name.' }),
    clientSecret: secret('The client’s secret.'),
    scope: text('Scope of the tokens.'),
  },
  { ...strict, description: 'Tokens by OAuth 2 client credentials.' },
);

/** Members of a key's entry: one of them at most. */
export const credentialMembers = {
  google: Type.Optional(google),
  azure: Type.Optional(azure),
  aws: Type.Optional(aws),
  oauth: Type.Optional(oauth),
};
