// What the configuration may say of a model's capabilities: the fields of contracts/capability.ts, each on its own.
import { EFFORTS } from '../../contracts/capability.ts';
import { flag, integer, strict } from './parts.ts';
import Type from './type.ts';

const MOST_TOKENS = 100_000_000;

const tokens = (description: string) => integer(1, MOST_TOKENS, { description, 'x-default': 'the table’s' });
const yes = (description: string) => flag({ description, 'x-default': 'the table’s' });
const oneOf = <const T extends string[]>(values: T, description: string) =>
  Type.Optional(Type.Enum(values, { description, 'x-default': 'the table’s' }));
const member = Type.String({
  pattern: '^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,63}$',
  'x-expected': 'the name of a member',
});
const members = (description: string) =>
  Type.Optional(Type.Array(member, { description, 'x-default': 'the table’s' }));

/** `capabilities` of one entry of `models`; what is left out is as the table has it. */
export const capabilities = Type.Object(
  {
    sampling: oneOf(
      ['all', 'one', 'unreasoned', 'none'],
      'temperature, top_p, top_k, penalties: all; one of temperature and top_p; only beside effort `none`; none.',
    ),
    thinking: oneOf(
      ['unknown', 'none', 'budget', 'either', 'adaptive', 'effort'],
      'How reasoning is asked for; `none`: not at all.',
    ),
    efforts: Type.Optional(
      Type.Array(Type.Enum([...EFFORTS]), {
        description: 'Levels of effort it takes, weakest first.',
        'x-default': 'the table’s',
      }),
    ),
    thinkingOff: yes('Thinking can be switched off.'),
    offBy: Type.Optional(
      Type.Record(Type.String({ pattern: '^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,63}$' }), Type.Unknown(), {
        ...strict,
        'x-expected': 'the name of a member',
        description:
          'Members that switch thinking off where no effort does: `{ thinking: { type: disabled } }`.',
      }),
    ),
    effortWithTools: oneOf(
      ['any', 'none', 'say-none'],
      'Effort beside tools on Chat: any; only `none` or no word; `none` must be said.',
    ),
    tools: oneOf(['chat', 'responses', 'none'], 'Where function tools are taken.'),
    forcedTool: yes('`tool_choice` may force a call.'),
    maxTokensField: oneOf(['either', 'max_tokens', 'max_completion_tokens'], 'Name of the limit of length.'),
    maxTokensDefault: tokens('Limit stated where the dialect wants one and the client gave none, tokens.'),
    maxTokensCap: tokens('Highest limit it takes, tokens.'),
    stops: integer(0, 1000, {
      description: 'Stop sequences it takes; 0 = none.',
      'x-default': 'the table’s',
    }),
    prefill: yes('Takes the beginning of its answer as a last assistant message.'),
    cacheMarks: oneOf(
      ['none', 'cache_control', 'breakpoint', 'cache_point'],
      'How a place in the prompt is marked for caching.',
    ),
    cacheMarksMax: integer(0, 1000, {
      description: 'Most cache marks of a request.',
      'x-default': 'the table’s',
    }),
    images: yes('Takes images.'),
    pdf: yes('Takes PDF files.'),
    audio: yes('Takes audio.'),
    jsonSchema: oneOf(
      ['full', 'closed', 'none'],
      '`json_schema` formats: whole; as Claude takes them; asked for in words.',
    ),
    toolSchema: Type.Optional(
      Type.Object(
        {
          topLevelCombinators: yes('`anyOf` and its like may stand at the top of a tool’s schema.'),
          needsProperties: yes('An object schema must have `properties`.'),
        },
        strict,
      ),
    ),
    instructionsRole: oneOf(['either', 'system', 'developer', 'none'], 'Role of instructions.'),
    toolId: Type.Optional(
      Type.Object(
        {
          alphabet: oneOf(['any', 'word', 'alnum'], 'Characters of tool call ids.'),
          min: integer(1, 1000, {
            description: 'Fewest characters of tool call ids.',
            'x-default': 'the table’s',
          }),
          max: integer(1, 1000, {
            description: 'Most characters of tool call ids.',
            'x-default': 'the table’s',
          }),
        },
        strict,
      ),
    ),
    reasoningReplay: oneOf(
      ['reasoning_content', 'reasoning', 'reasoning_details', 'none'],
      'Field that takes the reasoning of earlier turns back.',
    ),
    refuses: members('Members of a request that are a 400 there.'),
    renames: Type.Optional(
      Type.Record(Type.String({ pattern: '^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]{0,63}$' }), member, {
        ...strict,
        'x-expected': 'the name of a member',
        description: 'Members under another name there.',
        'x-default': 'the table’s',
      }),
    ),
    messageRefuses: members('Members of a message or content part that are a 400 there.'),
    signedCalls: yes('Calls in the history must carry the signature they were made with (Gemini 3).'),
    resultMedia: yes('Results of tools may hold media.'),
    contextTokens: tokens('Prompt and answer together, tokens.'),
    outputTokens: tokens('Longest answer, tokens.'),
  },
  strict,
);
