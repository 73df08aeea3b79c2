// The schema of `grpc` in an entry of `providers`: how a model server is asked.
import { GRPC_PROTOCOLS, TENSOR_TYPES } from '../../contracts/grpc-provider.ts';
import { PROMPT_FORMATS } from '../../grpc/chat/prompt.ts';
import { duration, flag, integer, strict } from './parts.ts';
import Type from './type.ts';

const path = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 200, description }));
const words = (description: string, fallback = 'nothing') =>
  Type.Optional(Type.String({ maxLength: 4_096, description, 'x-default': fallback }));
const json = (description: string, fallback: string) =>
  Type.Optional(Type.Unknown({ description, 'x-any': true, 'x-default': fallback }));

const around = (role: string) =>
  Type.Optional(
    Type.Object(
      { before: words(`In front of what the ${role} says.`), after: words(`Behind it.`) },
      { ...strict, description: `What marks words of the ${role}.` },
    ),
  );

const answer = Type.Optional(
  Type.Object(
    {
      text: path('Tensor, or path such as `choices.0.text`, of the text.'),
      finishReason: path('Of why it stopped.'),
      inputTokens: path('Of the number of tokens of the prompt.'),
      outputTokens: path('Of the number of tokens of the answer.'),
      error: path('Of what went wrong, in words (`proto`).'),
      cumulative: flag({
        description: 'Each message has all of the text so far, and not only what is new.',
        default: false,
      }),
    },
    { ...strict, description: 'Where an answer says what.' },
  ),
);

const method = Type.String({
  pattern: '^[A-Za-z_][\\w.]*/[A-Za-z_]\\w*$',
  'x-expected': '`package.Service/Method`',
  description: 'Method that is called: unary, or with a stream of answers.',
});

const request = json(
  'The request message, with `{{prompt}}`, `{{model}}`, `{{max_tokens}}` and others where values go.',
  'the conversation’s last message is it, as JSON',
);

/** How it is asked. */
export const grpc = Type.Optional(
  Type.Object(
    {
      protocol: Type.Optional(
        Type.Enum(GRPC_PROTOCOLS, {
          description:
            '`oip`: ModelInfer of the Open Inference Protocol v2; `triton`: ModelStreamInfer; `vllm`; `sglang`; `proto`: a method of a .proto.',
          'x-default': 'that of its vendor',
        }),
      ),
      prompt: Type.Optional(
        Type.Union(
          [
            Type.Enum(['plain', 'last', ...(Object.keys(PROMPT_FORMATS) as (keyof typeof PROMPT_FORMATS)[])]),
            Type.Object(
              {
                begin: words('In front of everything.'),
                system: around('system'),
                user: around('user'),
                assistant: around('assistant'),
                answer: words('Behind everything: where the answer begins.'),
              },
              strict,
            ),
          ],
          {
            description:
              'How a conversation becomes one text: words as they are, with their speakers once there are several turns (`plain`); the user’s last words (`last`); a model family’s own form; or marks of your own.',
            default: 'plain',
          },
        ),
      ),
      input: path(
        'Tensor of BYTES that takes the prompt: `text_input` where nothing is said (`oip`, `triton`).',
      ),
      inputs: Type.Optional(
        Type.Array(
          Type.Object(
            {
              name: Type.String({ minLength: 1, maxLength: 200, description: 'Name of the tensor.' }),
              type: Type.Optional(
                Type.Enum(TENSOR_TYPES, { description: 'Its data type.', default: 'BYTES' }),
              ),
              shape: Type.Optional(
                Type.Array(Type.Integer({ minimum: 0, maximum: 1_000_000 }), {
                  maxItems: 8,
                  description: 'Its shape.',
                  'x-default': '`[1]`',
                }),
              ),
              value: Type.Unknown({
                'x-any': true,
                description: 'Its values; a `{{place}}` that finds nothing leaves the tensor out.',
              }),
            },
            strict,
          ),
          {
            maxItems: 64,
            description: 'Further tensors of a request (`oip`, `triton`).',
            'x-default': 'none',
          },
        ),
      ),
      parameters: json('Parameters of a request, with places (`oip`, `triton`).', 'none'),
      modelVersion: words('Version of the model (`oip`, `triton`).', 'the server’s own choice'),
      answer,
      proto: Type.Optional(
        Type.Union(
          [
            Type.String({ minLength: 1, maxLength: 524_288 }),
            Type.Record(
              Type.String({ pattern: '^(?!__proto__$)[A-Za-z0-9_./-]{1,200}$' }),
              Type.String({ minLength: 1, maxLength: 524_288 }),
              { ...strict, 'x-expected': 'a name that files import it by, such as `shared/types.proto`' },
            ),
          ],
          {
            description:
              'Text of the .proto (`file:llm.proto`), or of several by the names they import each other by (`proto`).',
            'x-default': 'none',
          },
        ),
      ),
      descriptors: Type.Optional(
        Type.String({
          pattern: '^[A-Za-z0-9+/=\\s]+$',
          'x-expected': 'base64',
          description:
            'In place of `proto`: a FileDescriptorSet in base64, as `protoc --descriptor_set_out` writes it.',
          'x-default': 'none',
        }),
      ),
      method: Type.Optional(method),
      request,
      methods: Type.Optional(
        Type.Record(
          Type.String({ pattern: '^(?!__proto__$)[^\\s*]{0,256}\\*?$' }),
          Type.Object({ method, request, answer }, strict),
          {
            ...strict,
            'x-expected': 'a model name without spaces, `*` only at its end',
            description:
              'Methods by the name of a model, `*` at its end for any rest, where there are several (`proto`). Any method may be called by its own name besides.',
            'x-default': '`method` for every model',
          },
        ),
      ),
      maxMessageBytes: integer(1_024, 1_073_741_824, {
        description: 'Largest message that is taken of an answer.',
        default: 67_108_864,
      }),
      connections: integer(1, 64, {
        description: 'HTTP/2 connections of one worker; a further one is made when each has a hundred calls.',
        default: 4,
      }),
      keepaliveMs: duration(
        {
          description: 'A connection with calls under way is asked this often whether it still lives.',
          default: 300_000,
        },
        1_000,
      ),
    },
    {
      ...strict,
      description:
        'How a model server is asked by gRPC (`baseUrl: grpc://host:port`, or `grpcs://` with TLS). docs/model-servers.md says more.',
    },
  ),
);
