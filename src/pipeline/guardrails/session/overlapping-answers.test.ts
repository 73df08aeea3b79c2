// Answers of a spoken conversation that overlap while guardrails are asked over the network: what is found in one is found in no other.
import { beforeEach, expect, it, vi } from 'vitest';
import { DEFAULT_GUARDRAIL } from '../../../config/schema/defaults.ts';
import type { GuardrailConfig } from '../../../contracts/guardrail.ts';
import { compileGuard } from '../../../guardrails/guard.ts';
import { SchemaBook } from '../../../guardrails/json-schema.ts';
import { Placeholders } from '../../../guardrails/placeholders.ts';
import { GuardRun } from '../../../guardrails/run.ts';
import { bidiWords } from './bidi-words.ts';
import { openaiWords } from './openai-words.ts';
import { WatchedSession } from './session-guard.ts';

type Json = Record<string, unknown>;
type Action = 'pass' | 'block' | 'retry';

/** Who was asked about which text, and waits for the word. */
let asked: Map<string, (action: Action) => void>;
beforeEach(() => {
  asked = new Map();
});

async function say(who: string, action: Action): Promise<void> {
  await vi.waitFor(() => expect([...asked.keys()]).toContain(who));
  asked.get(who)!(action);
  // Whoever is asked next is, by now.
  await new Promise((resolve) => setImmediate(resolve));
}

/** @param names of guardrails that are asked, one behind the other */
function session(names: readonly string[], gemini = false) {
  const guards = names.map((name) =>
    compileGuard(
      {
        ...DEFAULT_GUARDRAIL,
        name,
        on: ['output'],
        when: {},
        action: 'retry',
        checks: [{ type: 'webhook', url: 'http://h' }],
      } as GuardrailConfig,
      new SchemaBook(),
    ),
  );
  const told: Json[] = [];
  const wanted: Json[] = [];
  const refused: (string | null)[] = [];
  const stopped: string[] = [];
  const guard = new WatchedSession({
    words: gemini ? bidiWords() : openaiWords(),
    newRun: () =>
      new GuardRun({ guards, placeholders: new Placeholders(Buffer.alloc(32), 'k'), schema: null }),
    ask: (_side, run) => (asking, texts) =>
      new Promise((resolve) => {
        asked.set(`${asking.config.name} of ${texts[0]!.trim()}`, (action) =>
          resolve({
            refusal: action === 'block' ? run().refused(asking, 'answer') : null,
            retry: action === 'retry' ? { guard: asking, reason: 'no birds' } : null,
            texts,
          }),
        );
      }),
  });
  guard.attach({
    tell: (message) => void told.push(JSON.parse(String(message)) as Json),
    ask: (message) => void wanted.push(JSON.parse(message) as Json),
    stop: ({ id }) => stopped.push(id) > 0,
    refuse: (_error, answer) => void refused.push(answer?.id ?? null),
  });
  return {
    told,
    refused,
    stopped,
    wanted,
    text: () => JSON.stringify(told),
    tell(...events: Json[]) {
      for (const event of events) guard.told(JSON.stringify(event));
    },
    ends: () =>
      told.filter(({ type }) => type === 'response.done').map((event) => event['response'] as { id: string }),
  };
}

const begun = (id: string): Json => ({ type: 'response.created', response: { id } });
const place = (id: string): Json => ({ response_id: id, item_id: `i-${id}`, content_index: 0 });
const words = (id: string, text: string): Json[] => [
  { type: 'response.output_audio_transcript.delta', ...place(id), delta: `${text} ` },
  { type: 'response.output_audio.delta', ...place(id), delta: `sound of ${text}` },
  { type: 'response.output_audio_transcript.done', ...place(id), transcript: text },
];
const over = (id: string): Json => ({
  type: 'response.done',
  response: { id, status: 'completed', output: [{ type: 'message', id: `i-${id}` }] },
});
const whole = (id: string, text: string): Json[] => [begun(id), ...words(id, text), over(id)];

it('of two guardrails the first wants another answer, while the second is asked the next answer goes on', async () => {
  const { tell, text, refused, wanted, ends } = session(['one', 'two']);
  tell(...whole('r1', 'first'), ...whole('r2', 'second'));
  await say('one of first', 'retry');
  await say('one of second', 'pass');
  await say('two of second', 'pass');
  // In order: it waits behind the first.
  expect(text()).not.toContain('second');
  await say('two of first', 'pass');
  expect(refused).toEqual([]);
  expect(wanted.filter(({ type }) => type === 'response.create')).toHaveLength(1);
  expect(text()).toContain('sound of second');
  expect(text()).not.toContain('first');
  expect(ends()).toMatchObject([
    { id: 'r1', output: [] },
    { id: 'r2', output: [{ id: 'i-r2' }] },
  ]);
});

it.each(['block', 'retry'] as const)(
  'an answer that is over and found unfit (%s) ends alone, whatever speaks behind it',
  async (action) => {
    const { tell, text, refused, stopped, wanted, ends } = session(['one']);
    tell(...whole('r1', 'first'), begun('r2'), ...words('r2', 'second'));
    await say('one of first', action);
    expect([refused, stopped, wanted]).toEqual([[null], [], []]);
    expect(ends()).toMatchObject([{ id: 'r1', output: [] }]);
    await say('one of second', 'pass');
    tell(over('r2'));
    expect(text()).toContain('sound of second');
    expect(text()).not.toContain('first');
    expect(ends()).toMatchObject([{ id: 'r1' }, { id: 'r2', output: [{ id: 'i-r2' }] }]);
  },
);

it('an answer that speaks beside another is stopped alone', async () => {
  const { tell, text, refused, ends } = session(['one']);
  tell(begun('r1'), ...words('r1', 'first'), begun('r2'), ...words('r2', 'second'));
  await say('one of first', 'block');
  expect(refused).toEqual(['r1']);
  await say('one of second', 'pass');
  tell(...words('r1', 'more of it').slice(0, 2), over('r2'), over('r1'));
  expect(text()).toContain('sound of second');
  expect(text()).not.toMatch(/first|more of it/);
  expect(ends()).toMatchObject([
    { id: 'r2', output: [{ id: 'i-r2' }] },
    { id: 'r1', output: [] },
  ]);
});

it.each(['block', 'retry'] as const)(
  'an answer that is found unfit (%s) is not told by items that come later, whoever names them',
  async (action) => {
    const { tell, text, wanted } = session(['one']);
    tell(begun('r1'), ...words('r1', 'first'));
    await say('one of first', action);
    const late = { id: 'late', type: 'message', content: [{ type: 'output_text', text: 'late words' }] };
    tell(
      { type: 'response.output_item.added', response_id: 'r1', item: { ...late, content: [] } },
      { type: 'conversation.item.done', previous_item_id: 'i-r1', item: late },
      over('r1'),
      { type: 'conversation.item.retrieved', item: late },
    );
    expect(text()).not.toContain('late words');
    const forgotten = wanted.filter(({ type }) => type === 'conversation.item.delete');
    expect(forgotten.map((event) => event['item_id'])).toEqual(action === 'retry' ? ['i-r1', 'late'] : []);
  },
);

it('both are judged, each by itself, in whichever order the words come', async () => {
  const { tell, text, refused } = session(['one']);
  tell(...whole('r1', 'first'), ...whole('r2', 'second'), ...whole('r3', 'third'));
  await say('one of second', 'block');
  await say('one of third', 'pass');
  expect(text()).not.toMatch(/first|second|third/);
  await say('one of first', 'pass');
  expect(text()).toMatch(/sound of first.*sound of third/);
  expect(text()).not.toContain('second');
  expect(refused).toEqual([null]);
});

it('turns of Gemini, which have no names, are told apart', async () => {
  const { tell, text } = session(['one'], true);
  const turn = (said: string): Json[] => [
    { serverContent: { modelTurn: { parts: [{ text: `${said} ` }] } } },
    { serverContent: { turnComplete: true } },
  ];
  tell(...turn('first'), ...turn('second'));
  await say('one of first', 'pass');
  expect(text()).toContain('first');
  expect(text()).not.toContain('second');
  await say('one of second', 'pass');
  expect(text()).toContain('second');
});
