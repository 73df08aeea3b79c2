// One thing a client may ask for each. What a dialect does with an aspect alone tells what it may do with it among others.
import fc from 'fast-check';
import { rawNumber } from '../../src/body/lossless.ts';
import type {
  CacheMark,
  ChatRequest,
  DocumentPart,
  Part,
  ToolChoice,
  ToolDef,
  Turn,
} from '../../src/contracts/chat.ts';
import { text as textPart, thoughts, word } from './neutral-forms.ts';
import {
  assistant,
  CLOSED,
  image,
  PNG,
  PROOF,
  say,
  TOOLS,
  texts,
  toolLoop,
  user,
} from './neutral-requests.ts';

export interface Aspect {
  name: string;
  /** Every dialect can say it, so that nothing of it may be lost, changed or refused. */
  core: boolean;
  /** The members of a request that it says something in. */
  change: fc.Arbitrary<Partial<ChatRequest>>;
  /** Members by which a dialect without a word for it may say it instead. */
  elsewhere: readonly (keyof ChatRequest)[];
}

const PDF = Buffer.from('%PDF-1.4 nothing in it').toString('base64');

const turns = (made: fc.Arbitrary<Turn[]>): fc.Arbitrary<Partial<ChatRequest>> =>
  made.map((list) => ({ turns: list }));
const asked = (part: fc.Arbitrary<Part>): fc.Arbitrary<Partial<ChatRequest>> =>
  turns(fc.tuple(word, part).map(([question, more]) => [user(say(question), more), assistant(say('ok'))]));
const answered = (...parts: Part[]): fc.Arbitrary<Partial<ChatRequest>> =>
  turns(fc.constant([user(say('and?')), assistant(...parts)]));
const choice = (toolChoice: ToolChoice): fc.Arbitrary<Partial<ChatRequest>> =>
  fc.constant({ tools: TOOLS, toolChoice });
const unit = fc.constantFrom(0, 0.25, 1, rawNumber('0.50'));
const document = (source: DocumentPart['source']): Part => ({
  kind: 'document',
  source,
  name: 'notes.pdf',
  cache: null,
});
const thought = thoughts.map((parts) => [user(say('think')), assistant(...parts, say('so'))]);
const MARK: CacheMark = { ttl: null };
const tools = (more: Partial<ToolDef>): fc.Arbitrary<Partial<ChatRequest>> =>
  fc.constant({ tools: TOOLS.map((def) => ({ ...def, ...more })) });

const core = (name: string, change: Aspect['change']): Aspect => ({
  name,
  core: true,
  change,
  elsewhere: [],
});
const more = (name: string, change: Aspect['change'], ...elsewhere: (keyof ChatRequest)[]): Aspect => ({
  name,
  core: false,
  change,
  elsewhere,
});

export const ASPECTS: readonly Aspect[] = [
  core(
    'a system prompt',
    texts.map((system) => ({ system })),
  ),
  core(
    'a conversation',
    turns(fc.tuple(texts, texts).map(([one, other]) => [user(...one), assistant(...other)])),
  ),
  core('tools', fc.constant({ tools: TOOLS })),
  core(
    'tool calls and results',
    toolLoop(textPart).map((list) => ({ tools: TOOLS, turns: list })),
  ),
  core('streaming', fc.constant({ stream: true })),
  core(
    'a limit of tokens',
    fc.integer({ min: 16, max: 4000 }).map((maxTokens) => ({ maxTokens })),
  ),
  more(
    'temperature',
    unit.map((temperature) => ({ temperature })),
  ),
  more(
    'top_p',
    fc.constantFrom(0.5, rawNumber('0.950')).map((topP) => ({ topP })),
  ),
  more('top_k', fc.constant({ topK: 40 })),
  more(
    'stop sequences',
    fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).map((stop) => ({ stop })),
  ),
  more('a seed', fc.constant({ seed: rawNumber('9007199254740993') })),
  more('penalties', fc.constant({ frequencyPenalty: 0.5, presencePenalty: -1 })),
  more('JSON', fc.constant({ responseFormat: { kind: 'json_object' } }), 'system'),
  more(
    'a schema',
    fc.constant({ responseFormat: { kind: 'json_schema', name: 'r', schema: CLOSED, strict: true } }),
    'system',
  ),
  more(
    'an effort',
    fc
      .constantFrom('low', 'high')
      .map((effort) => ({ reasoning: { effort, budgetTokens: null, adaptive: false } })),
    'maxTokens',
  ),
  more('no reasoning', fc.constant({ reasoning: { effort: 'none', budgetTokens: null, adaptive: false } })),
  more(
    'a budget of reasoning',
    fc.constant({ reasoning: { effort: null, budgetTokens: 2048, adaptive: false } }),
    'maxTokens',
  ),
  more('a user id', fc.constant({ user: 'user-1' })),
  more('calls one at a time', fc.constant({ tools: TOOLS, parallelToolCalls: false })),
  more('any tool', choice({ kind: 'required' })),
  more('no tool', choice({ kind: 'none' })),
  more('one tool', choice({ kind: 'tool', name: 'f' })),
  more('one of some tools', choice({ kind: 'allowed', mode: 'required', names: ['f', 'a-b_C9'] })),
  more('a strict tool', tools({ strict: true, schema: CLOSED })),
  more('a tool without a word', tools({ description: '', strict: false })),
  more('a tool without parameters', tools({ schema: null })),
  more(
    'marks for the cache',
    fc.constant({ system: [say('s', MARK)], turns: [user(say('long', MARK)), assistant(say('ok'))] }),
  ),
  more('an image', asked(fc.constant(image({ kind: 'base64', mediaType: 'image/png', data: PNG })))),
  more(
    'a detailed image',
    asked(fc.constant(image({ kind: 'base64', mediaType: 'image/png', data: PNG }, 'high'))),
  ),
  more('an image by address', asked(fc.constant(image({ kind: 'url', url: 'https://example.com/a.png' })))),
  more(
    'a document',
    asked(fc.constant(document({ kind: 'base64', mediaType: 'application/pdf', data: PDF }))),
  ),
  more(
    'a document by address',
    asked(fc.constant(document({ kind: 'url', url: 'https://example.com/a.pdf' }))),
  ),
  more('a text document', asked(word.map((said) => document({ kind: 'text', text: said })))),
  more('audio', asked(fc.constant({ kind: 'audio', format: 'wav', data: 'UklGRg==' }))),
  more(
    'an image from a tool',
    toolLoop(fc.constant(image({ kind: 'base64', mediaType: 'image/png', data: PNG }))).map((list) => ({
      tools: TOOLS,
      turns: list,
    })),
  ),
  more(
    'a failed tool',
    toolLoop(textPart, true).map((list) => ({ tools: TOOLS, turns: list })),
  ),
  more('reasoning in the history', turns(thought)),
  more(
    'reasoning before a call',
    fc.constant({
      tools: TOOLS,
      turns: [
        user(say('q')),
        assistant(PROOF, { kind: 'tool_call', id: 'call_0', name: 'f', arguments: '{}', cache: null }),
        user({ kind: 'tool_result', callId: 'call_0', content: [say('r')], isError: false, cache: null }),
        assistant(say('a')),
      ],
    }),
  ),
  more('a refusal in the history', answered({ kind: 'refusal', text: 'No.' })),
  more('a named user', fc.constant({ turns: [{ ...user(say('hi')), name: 'ann' }, assistant(say('ok'))] })),
  more(
    'instructions on the way',
    fc.constant({
      turns: [
        user(say('hi')),
        assistant(say('ok')),
        { role: 'system', parts: [say('now')], name: null },
        user(say('go')),
        assistant(say('gone')),
      ],
    }),
  ),
  more(
    'odd ids of calls',
    word.map((id) => ({
      tools: TOOLS,
      turns: [
        user(say('q')),
        assistant({ kind: 'tool_call', id, name: 'f', arguments: '{}', cache: null }),
        user({ kind: 'tool_result', callId: id, content: [say('r')], isError: false, cache: null }),
        assistant(say('a')),
      ],
    })),
  ),
];
