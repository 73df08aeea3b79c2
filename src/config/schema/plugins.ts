// The schema of plugins.
import { PLUGIN_HOOKS } from '../../contracts/plugin.ts';
import { DEFAULT_PLUGIN } from './defaults.ts';
import { callsWhen } from './guardrails.ts';
import { duration, integer, strict } from './parts.ts';
import Type from './type.ts';

const plugin = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
      'x-expected': 'a name of letters, digits, `.`, `_`, `-` (64 at most)',
      description: 'In logs, metrics and `/health`.',
    }),
    path: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4096,
        description: 'Its module: a file, beside the configuration’s folder.',
        'x-default': 'none',
      }),
    ),
    package: Type.Optional(
      Type.String({
        pattern: '^(?:@[a-z0-9~][\\w.~-]*/)?[a-z0-9~][\\w.~-]*(?:/[\\w.~/-]+)?$',
        'x-expected': 'the name of a package',
        description: 'Its module: a package that is installed beside the configuration.',
        'x-default': 'none',
      }),
    ),
    url: Type.Optional(
      Type.String({
        pattern: '^(?:https?|grpcs?)://[^\\s@]{1,2048}$',
        'x-expected': 'an address that begins with http://, https://, grpc:// or grpcs://',
        description: 'Its server, asked by HTTP or by gRPC (`docs/proto`).',
        'x-default': 'none',
      }),
    ),
    thread: Type.Optional(
      Type.Boolean({
        description: 'Runs its module in a thread of its own, which can be ended.',
        default: false,
      }),
    ),
    hooks: Type.Optional(
      Type.Array(Type.Enum([...PLUGIN_HOOKS]), {
        minItems: 1,
        description: 'Those it is asked for.',
        'x-default': 'all it has',
      }),
    ),
    options: Type.Optional(
      Type.Unknown({ description: 'Given to it as they are.', 'x-default': '`{}`', 'x-any': true }),
    ),
    when: callsWhen,
    headers: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$', 'x-expected': 'a header’s name' }), {
        description: 'Headers of clients that it sees; never those that authenticate.',
        'x-default': 'none',
      }),
    ),
    timeoutMs: duration(
      { description: 'Longest wait for one of its hooks.', default: DEFAULT_PLUGIN.timeoutMs },
      1,
    ),
    onError: Type.Optional(
      Type.Enum(['open', 'closed'], {
        description: 'A hook that fails lets the call go on (`open`) or refuses it (`closed`).',
        default: DEFAULT_PLUGIN.onError,
      }),
    ),
    maxErrors: integer(1, 100_000, {
      description:
        'Failures within a minute that switch it off: a module until the configuration is loaded again, a server for 1 to 30 s.',
      default: DEFAULT_PLUGIN.maxErrors,
    }),
    memoryMb: integer(16, 65_536, {
      description: '`thread`: heap of its thread.',
      default: DEFAULT_PLUGIN.memoryMb,
    }),
    secret: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 8192,
        'x-secret': true,
        description: 'HTTP: signs requests (HMAC-SHA-256, `x-headgate-signature`).',
        'x-default': 'none',
      }),
    ),
    ca: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 262_144,
        description:
          'Certificates (PEM) of those that its server is trusted by, such as `file:/etc/ssl/ca.pem`.',
        'x-default': 'the well-known ones',
      }),
    ),
    requestHeaders: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }),
        Type.String({ maxLength: 8192, 'x-secret': true }),
        {
          ...strict,
          'x-expected': 'a header’s name',
          description: 'Sent with each request to its server.',
          'x-default': 'none',
        },
      ),
    ),
  },
  strict,
);

export const plugins = Type.Optional(
  Type.Array(plugin, {
    description: 'Code of yours that sees and changes calls, in this order: see plugins.md.',
    'x-default': 'none',
  }),
);
