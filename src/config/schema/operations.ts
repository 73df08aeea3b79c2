// The schema of `operations`: routes of the operator's own.
import { DIALECT_NAMES } from '../../registry/manners.ts';
import { flag, strict } from './parts.ts';
import Type from './type.ts';

const json = (description: string, fallback: string) =>
  Type.Optional(Type.Unknown({ description, 'x-any': true, 'x-default': fallback }));

const operation = Type.Object(
  {
    path: Type.Optional(
      Type.String({
        pattern: '^/[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$',
        maxLength: 200,
        'x-expected': 'a path such as `/jobs/classify`',
        description: 'Where it is served, with POST.',
        'x-default': '`/jobs/` and its name',
      }),
    ),
    model: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'Alias or `provider/model` that is asked.',
        'x-default': '`method` is',
      }),
    ),
    method: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description:
          'In place of `model`: a gRPC method that is called with `request` as its message, `provider/package.Service/Method`, or an alias of such.',
        'x-default': '`model` is asked',
      }),
    ),
    dialect: Type.Optional(
      Type.Enum(DIALECT_NAMES, {
        description: 'Dialect of `request`, and of errors.',
        'x-default': '`openai-chat`',
      }),
    ),
    input: json('JSON Schema (2020-12) of the payload.', 'any object'),
    normalise: Type.Optional(
      Type.Object(
        {
          text: flag({
            description: 'Strings to Unicode NFC, without white space around them.',
            default: true,
          }),
          defaults: flag({
            description: 'What `default` in the schema says stands where the payload says nothing.',
            default: true,
          }),
          coerce: flag({
            description: 'Text that is a number becomes one where the schema wants it.',
            default: false,
          }),
          dropUnknown: flag({
            description: 'Members that the schema does not name are taken out.',
            default: false,
          }),
        },
        { ...strict, description: 'What is done to the payload.' },
      ),
    ),
    request: Type.Unknown({
      'x-any': true,
      description:
        'The request in that dialect, without model (of a `method` its message); `{{payload.…}}` where values go.',
    }),
    answer: Type.Optional(
      Type.Object(
        {
          from: Type.Optional(
            Type.Enum(['json', 'text'], {
              description: 'What the model says is JSON, or text.',
              'x-default': '`json` with a `schema`, else `text`',
            }),
          ),
          schema: json('JSON Schema (2020-12) of what the model says; else 502.', 'anything'),
          body: json(
            'What the caller gets; `{{answer.…}}`, `{{text}}`, `{{payload.…}}`, `{{model}}`, `{{usage}}`, `{{id}}` where values go.',
            'what the model said',
          ),
        },
        { ...strict, description: 'What the caller gets.' },
      ),
    ),
  },
  strict,
);

export const operations = Type.Optional(
  Type.Record(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$' }), operation, {
    ...strict,
    'x-expected': 'a name of letters, digits, `_`, `-` (63 at most)',
    description:
      'Routes of your own: a payload is checked, becomes a call of a model, and what the model says becomes the answer.',
    'x-default': 'none',
  }),
);
