// The schema of guardrails: the top-level section, and the lists of aliases, keys and groups.
import {
  CHECK_TYPES,
  GUARD_ACTIONS,
  GUARD_MODES,
  GUARD_PLACES,
  PII_ENTITIES,
} from '../../contracts/guardrail.ts';
import { DEFAULT_GUARDRAIL } from './defaults.ts';
import { duration, flag, integer, modelPattern, secret, strict } from './parts.ts';
import Type from './type.ts';

const texts = (description: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), { description, minItems: 1 }));
const text = (description: string, fallback = 'none') =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 65_536, description, 'x-default': fallback }));
const names = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { description, 'x-default': 'all' }),
  );

const check = Type.Object(
  {
    type: Type.Enum([...CHECK_TYPES], { description: 'What is looked for, or who is asked.' }),
    words: texts('`keywords`: words and phrases.'),
    caseSensitive: flag({ description: '`keywords`: upper and lower case differ.', default: false }),
    wholeWords: flag({ description: '`keywords`: not inside longer words.', default: true }),
    patterns: texts('`regex`: patterns in RE2’s syntax (linear time; no look-around, no back-references).'),
    maxLength: integer(1, 4096, {
      description: '`regex`: longest text a pattern stands for, in characters; a stream holds back so much.',
      default: 256,
    }),
    entropy: flag({
      description: '`secrets`: random-looking tokens without a known form too.',
      default: true,
    }),
    entities: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Za-z_]{1,64}$', 'x-expected': 'a kind of data' }), {
        minItems: 1,
        description: `\`pii\`: ${PII_ENTITIES.map((name) => `\`${name}\``).join(', ')}. \`presidio\`: its own names (\`PERSON\`).`,
        'x-default': 'all',
      }),
    ),
    reversible: flag({
      description:
        '`pii`, `secrets`, `presidio` that redact requests: placeholders, the same for the same value, that become the value again in the answer.',
      default: true,
    }),
    threshold: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10,
        description:
          'From where it counts: `injection` 0 to 1 (0.5), `moderation` 0 to 1 (what the model flags), `presidio` 0 to 1 (0.5), `azure` 0 to 7 (4), `judge` none.',
        'x-default': 'see there',
      }),
    ),
    schema: Type.Optional(
      Type.Unknown({
        description: '`schema`: JSON Schema of the answer.',
        'x-default': 'the one the request asks for',
        'x-any': true,
      }),
    ),
    minChars: integer(0, 100_000_000, { description: '`length`: fewest characters.', 'x-default': 'none' }),
    maxChars: integer(0, 100_000_000, { description: '`length`: most characters.', 'x-default': 'none' }),
    allow: texts(
      '`language`: codes (`en`, `de`); `tools`: names or patterns; `topic`: `name: word, word`: one must be met.',
    ),
    deny: texts('`language`, `tools`, `topic`: likewise, not allowed.'),
    model: text('`moderation`, `judge`: model or alias of this gateway that is asked.'),
    policy: text('`judge`: what is not allowed, in plain words.'),
    categories: texts('`moderation`, `azure`: only these categories count.'),
    url: Type.Optional(
      Type.String({
        pattern: '^https?://[^\\s@]{1,2048}$',
        'x-expected': 'an address that begins with https:// (or http://)',
        description: '`webhook`, `presidio`, `azure`, and others in place of the vendor’s own.',
        'x-default': 'the vendor’s own',
      }),
    ),
    shape: Type.Optional(
      Type.Enum(['headgate', 'litellm', 'portkey'], {
        description: '`webhook`: what is sent and expected.',
        default: 'headgate',
      }),
    ),
    headers: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }),
        Type.String({ maxLength: 8192, 'x-secret': true }),
        { ...strict, 'x-expected': 'a header’s name', description: 'Further headers of requests to it.' },
      ),
    ),
    key: Type.Optional(secret('Key of the service that is asked.')),
    secret: Type.Optional(secret('`webhook`: signs requests (HMAC-SHA-256, `x-headgate-signature`).')),
    id: text('`bedrock`: id of the guardrail; `model_armor`: template.'),
    version: text('`bedrock`: version of the guardrail.', '`DRAFT`'),
    region: text('`bedrock`, `model_armor`: region.'),
    project: text('`model_armor`, `lakera`: project.'),
    language: text('`presidio`: language of the text.', '`en`'),
    shield: flag({ description: '`azure`: Prompt Shields too, on requests.', default: false }),
  },
  strict,
);

/** Which calls a rule is for. */
export const callsWhen = Type.Optional(
  Type.Object(
    {
      models: Type.Optional(
        Type.Array(modelPattern, {
          description: 'Models by the name callers use, or patterns.',
          'x-default': 'all',
        }),
      ),
      operations: names('Operations (`chat`, `embeddings`, …).'),
      keys: names('Keys by name.'),
      teams: names('Teams.'),
      organizations: names('Organizations.'),
      users: names('Users.'),
      projects: names('Projects.'),
      customers: names('End users.'),
      tags: names('Tags: one of them is enough.'),
    },
    { ...strict, description: 'Which calls it is for; every list that stands must have the call’s.' },
  ),
);

const guardrail = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
      'x-expected': 'a name of letters, digits, `.`, `_`, `-` (64 at most)',
      description: 'In logs, metrics and `x-headgate-guardrails`.',
    }),
    on: Type.Optional(
      Type.Array(Type.Enum([...GUARD_PLACES]), {
        minItems: 1,
        description: 'Where it looks.',
        'x-default':
          '`input` and `output`; of `schema` alone `output`, of `tools` alone `tool_call`, of `injection` alone `input`',
      }),
    ),
    when: callsWhen,
    checks: Type.Array(check, { minItems: 1, description: 'What is checked, in order.' }),
    action: Type.Optional(
      Type.Enum([...GUARD_ACTIONS], {
        description:
          '`block`: refuse; `redact`: take out what was found; `flag`: only say so; `retry`: have an answer made once more.',
        default: DEFAULT_GUARDRAIL.action,
      }),
    ),
    mode: Type.Optional(
      Type.Enum([...GUARD_MODES], {
        description:
          'Of checks that ask others: `before`: nothing goes on unchecked; `beside`: checked while the model works, the answer waits; `after`: only said.',
        default: DEFAULT_GUARDRAIL.mode,
      }),
    ),
    timeoutMs: duration(
      { description: 'Longest wait for one that is asked.', default: DEFAULT_GUARDRAIL.timeoutMs },
      1,
    ),
    onError: Type.Optional(
      Type.Enum(['closed', 'open'], {
        description: 'A check that cannot be made refuses the call (`closed`) or lets it go on (`open`).',
        default: DEFAULT_GUARDRAIL.onError,
      }),
    ),
    sample: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1, description: 'Share of calls it looks at.', default: 1 }),
    ),
    maxUnchecked: integer(0, 100_000, {
      description: 'Characters of a stream that may go out before a check beside it has answered.',
      default: DEFAULT_GUARDRAIL.maxUnchecked,
    }),
    pauseMs: duration(
      {
        description:
          'Of a check beside a stream: silence of the model after which it is asked about what was said, though no sentence ended; four times that at the most.',
        default: DEFAULT_GUARDRAIL.pauseMs,
      },
      50,
    ),
    media: Type.Optional(
      Type.Enum(['note', 'refuse'], {
        description:
          'Pictures, sound and files in a request or an answer that none of its checks looks at: said as `unchecked`, or refused. `moderation` and webhooks look at pictures.',
        default: DEFAULT_GUARDRAIL.media,
      }),
    ),
    sound: Type.Optional(
      Type.Enum(['refuse', 'flag', 'allow'], {
        description:
          'Sound of spoken conversations (Realtime, Live). `refuse`: sound needs a transcript, and nothing goes on before its words were looked at. `flag`: it goes on as it comes, and is said to be `unchecked` where no words stand for it. `allow`: the same without a word.',
        default: DEFAULT_GUARDRAIL.sound,
      }),
    ),
    status: integer(400, 499, {
      description: 'Status of a refusal (446 as other gateways have it).',
      default: DEFAULT_GUARDRAIL.status,
    }),
    message: text('What a client is told that is refused.', 'which guardrail it was'),
  },
  strict,
);

/** The section. */
export const guardrails = Type.Optional(
  Type.Array(guardrail, {
    description: 'What decides before and after the model. Those of one alias, key or team may stand there.',
    'x-default': 'none',
  }),
);

/** Of an alias, a key or a group: those above for its calls alone. */
export const ownGuardrails = Type.Optional(
  Type.Array(guardrail, { description: 'Guardrails of its calls: as `guardrails`.', 'x-default': 'none' }),
);

/** Makes placeholders. */
export const guardrailSecret = Type.Optional(
  Type.String({
    minLength: 16,
    maxLength: 8192,
    'x-secret': true,
    'x-env': 'HEADGATE_GUARDRAIL_SECRET',
    description:
      'Placeholders of redacted values are made with it: the same on every node of a deployment, and kept when provider keys change.',
    'x-default': 'made of the keys of the providers',
  }),
);
