// The schema of one entry of `providers`.
import type { Static } from 'typebox';
import { PROVIDERS } from '../../providers/registry.ts';
import { DIALECT_NAMES } from '../../registry/manners.ts';
import { credentialMembers } from './credentials.ts';
import { grpc } from './grpc.ts';
import { breaker, connections, cooldown, lane, retries, timeouts } from './limits.ts';
import { load } from './load.ts';
import { flag, modelPattern, secret, strict } from './parts.ts';
import { providerTls } from './tls.ts';
import Type from './type.ts';

const providerKey = Type.Union([
  secret('The key itself.'),
  Type.Object(
    {
      value: Type.Optional(secret('The key itself. Left out where the key is a pair of AWS.')),
      accessKeyId: Type.Optional(secret('Of a key pair of AWS, which signs each request: its name.')),
      secretAccessKey: Type.Optional(secret('Of a key pair: its secret.')),
      sessionToken: Type.Optional(secret('Of a key pair that holds for some hours: its token.')),
      ...credentialMembers,
      weight: Type.Optional(
        Type.Number({
          exclusiveMinimum: 0,
          maximum: 1000,
          default: 1,
          description: 'Share of the calls among the keys that fit.',
        }),
      ),
      models: Type.Optional(
        Type.Array(modelPattern, {
          description: 'Models this key may be used for.',
          'x-default': 'all',
        }),
      ),
      organization: Type.Optional(
        Type.String({
          pattern: '^[A-Za-z0-9_-]{1,64}$',
          'x-expected': 'a name of letters, digits, `_`, `-` (64 at most)',
          description:
            'Account or organisation of the vendor that the key belongs to. Signed reasoning is good at one alone: with keys of several, a conversation stays at one of them.',
          'x-default': 'all keys without one are of one organisation',
        }),
      ),
      alias: Type.Optional(
        Type.String({
          pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
          'x-expected': 'a name of letters, digits, `.`, `_`, `-` (64 at most)',
          description: 'Name in logs and metrics.',
          'x-default': '`key-1`, `key-2`, …',
        }),
      ),
    },
    strict,
  ),
]);

function addressPart(description: string, fallback: string) {
  return Type.Optional(
    Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$',
      'x-expected': 'a name of letters, digits, `.`, `_`, `-`',
      description,
      'x-default': fallback,
    }),
  );
}

/** One provider. */
export const provider = Type.Object(
  {
    enabled: flag({
      description: 'False turns the provider off, even if its key is in the environment.',
      default: true,
    }),
    vendor: Type.Optional(
      Type.Enum(
        PROVIDERS.map(({ name }) => name),
        {
          description:
            'The known provider it is one of, where its name is another: a second Azure resource, a second account.',
          'x-default': 'the one of its name',
        },
      ),
    ),
    dialect: Type.Optional(
      Type.Union([Type.Enum(DIALECT_NAMES), Type.Array(Type.Enum(DIALECT_NAMES), { minItems: 1 })], {
        description:
          'Wire format the provider speaks, or a list of them with the preferred one first: a client’s own is taken where it is among them, and nothing is translated then. `bedrock` outside of a list is all routes of its runtime, invoke too. A custom provider must state it.',
        'x-default': 'a known provider’s own',
      }),
    ),
    paths: Type.Optional(
      Type.Record(
        Type.String({ pattern: `^(${DIALECT_NAMES.join('|')})$` }),
        Type.String({ pattern: '^(/[^?#\\s]*)?$', 'x-expected': 'a path that begins with `/`' }),
        {
          ...strict,
          description:
            'Path of a dialect below `baseUrl`, where a provider has them in different places: `{ openai-chat: /v1 }`.',
        },
      ),
    ),
    baseUrl: Type.Optional(
      Type.String({
        description:
          'As the vendor’s SDK takes it: openai-chat with `/v1`, anthropic without. A custom provider must state it.',
        'x-default': 'a known provider’s own',
      }),
    ),
    region: Type.Optional(
      Type.String({
        pattern: '^[a-z]{2,16}(-[a-z0-9]+)*$',
        'x-expected': 'a region such as `eu-west-1`',
        description:
          'Region of AWS or Google: it stands in the known provider’s address, and requests signed with a key pair name it. Of any other: what its prices go by (Azure’s data zone `eu`).',
        'x-default':
          'bedrock: `AWS_REGION`, `AWS_DEFAULT_REGION`, else `us-east-1`; that of a base URL of AWS. vertex: `GOOGLE_CLOUD_LOCATION`, else `global`',
      }),
    ),
    project: addressPart(
      'Google’s project, by id or number.',
      '`GOOGLE_CLOUD_PROJECT`, or that of the credentials',
    ),
    resource: addressPart('Azure’s resource: the first word of its address.', '`AZURE_RESOURCE_NAME`'),
    account: addressPart('Cloudflare’s account id.', '`CLOUDFLARE_ACCOUNT_ID`'),
    workspace: addressPart('Host of a Databricks workspace.', '`DATABRICKS_HOST`'),
    apiVersion: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9.-]{1,40}$',
        'x-expected': 'a version such as `2024-10-21`',
        description:
          'Azure’s `api-version`. A date asks for the paths with deployments; `v1` and `preview` for the v1 surface.',
        'x-default': 'none: the v1 surface',
      }),
    ),
    passthrough: Type.Optional(
      Type.Boolean({
        description:
          'It gets the caller’s own credential of this vendor (a subscription), as it came: the gateway knows the caller by `x-headgate-key`. Without keys of its own.',
        'x-default': 'false',
      }),
    ),
    auth: Type.Optional(
      Type.Union(
        [
          Type.Enum(['bearer', 'aws', 'none']),
          Type.Object(
            {
              header: Type.String({
                pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$",
                'x-expected': 'a header name',
                description: 'Header that carries the bare key.',
              }),
            },
            strict,
          ),
        ],
        {
          description:
            'How the key is sent: `bearer`, `aws` (a key pair signs, any other key is Bearer), `none`, or `{ header: NAME }`.',
          'x-default':
            'the vendor’s own; custom: `bearer` for openai-chat, `x-api-key` for anthropic, `aws` for bedrock, `none` without keys',
        },
      ),
    ),
    keys: Type.Optional(
      Type.Array(providerKey, {
        description: 'Keys, each bare or with its weight and models.',
        'x-default': 'a known provider’s variable',
      }),
    ),
    models: Type.Optional(
      Type.Array(modelPattern, {
        description: 'Models it offers; `*` at the end matches any rest.',
        'x-default': 'a known provider’s name patterns; custom: `["*"]`',
      }),
    ),
    headers: Type.Optional(
      Type.Record(
        Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$" }),
        Type.String({
          pattern: '^[\\t\\x20-\\x7e]{0,4096}$',
          'x-expected': 'printable ASCII on one line',
          'x-secret': true,
        }),
        { ...strict, 'x-expected': 'a header name', description: 'Further headers of every request to it.' },
      ),
    ),
    lane: Type.Optional(lane(false)),
    timeouts: Type.Optional(
      timeouts(false, 'Clocks at this provider; what is left out comes from the shared `timeouts`.'),
    ),
    retries: Type.Optional(retries(false)),
    cooldown: Type.Optional(cooldown(false)),
    breaker: Type.Optional(breaker(false)),
    connections: Type.Optional(connections(false)),
    promptCache: Type.Optional(
      Type.Enum(['off', 'auto'], {
        description:
          '`auto`: prompts of 4 KiB and more get cache marks where their client set none (behind the tools, the system prompt and the last turn), for vendors that cache nothing else: Anthropic, Bedrock, Claude elsewhere.',
        default: 'off',
      }),
    ),
    batchStorage: Type.Optional(
      Type.Union(
        [
          Type.Boolean(),
          Type.String({
            minLength: 1,
            maxLength: 2_048,
            'x-expected': '`true`, or the address of a storage such as `https://s3.example`',
          }),
        ],
        {
          description:
            'Batch jobs of Bedrock and Vertex AI are charged by what they left in S3 or Cloud Storage, read there with this provider’s own keys, which must be allowed to. An address: of another storage than the vendor’s own. `false`: such jobs stand in the ledger without a cost.',
          'x-default': 'false',
        },
      ),
    ),
    proxy: Type.Optional(
      Type.Union(
        [
          Type.String({
            minLength: 1,
            maxLength: 2_048,
            'x-secret': true,
            'x-expected': 'the URL of a proxy such as `http://proxy.example:3128`',
          }),
          Type.Boolean(),
        ],
        {
          description:
            'Forward proxy on the way: `http://` or `https://`, with user and password where it wants them; `false` = none.',
          'x-default': '`HTTPS_PROXY` or `HTTP_PROXY`, unless `NO_PROXY` names the host',
        },
      ),
    ),
    tls: providerTls,
    grpc,
    load,
    quirks: Type.Optional(
      Type.Object(
        {
          streamUsage: flag({
            description: 'Understands `stream_options.include_usage`.',
            'x-default': 'the vendor’s own; custom: `true`',
          }),
          legacyMaxTokens: flag({
            description: 'Knows only `max_tokens`, not `max_completion_tokens`.',
            'x-default': 'the vendor’s own; custom: `true`',
          }),
          keepsResponses: flag({
            description:
              'Keeps the responses it makes: `previous_response_id` and reads of what it made go to it. Else the gateway puts the turns in front by itself.',
            'x-default': 'the vendor’s own (openai, xai: `true`); custom: `false`',
          }),
          fim: flag({
            description:
              'Fills in the middle by `/fim/completions`, as Mistral does. Else a `suffix` goes to its completions, where it has those.',
            'x-default': 'the vendor’s own (mistral: `true`); custom: `false`',
          }),
          embeddingInputs: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 100_000,
              description:
                'Inputs that one request for embeddings may have there. A request with more goes as several, whose answers come back as one.',
              'x-default':
                'the vendor’s own (openai, azure: 2048; cohere: 96; gemini: 100); custom: any number',
            }),
          ),
        },
        { ...strict, description: 'Ways in which it departs from the dialect.' },
      ),
    ),
  },
  strict,
);

export type ProviderEntry = Static<typeof provider>;
