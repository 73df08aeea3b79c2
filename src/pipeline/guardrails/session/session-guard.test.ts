// Guardrails on a spoken conversation, by both protocols: what is said in text, in words written down, by tools, in sound.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_GUARDRAIL } from '../../../config/schema/defaults.ts';
import { GatewayError } from '../../../contracts/errors.ts';
import type { GuardrailConfig } from '../../../contracts/guardrail.ts';
import type { Heard } from '../../../contracts/session-guard.ts';
import type { SocketMessage } from '../../../contracts/tunnel.ts';
import { compileGuard } from '../../../guardrails/guard.ts';
import { SchemaBook } from '../../../guardrails/json-schema.ts';
import { Placeholders } from '../../../guardrails/placeholders.ts';
import { GuardRun } from '../../../guardrails/run.ts';
import type { Ask } from './asks.ts';
import { bidiWords } from './bidi-words.ts';
import { openaiWords } from './openai-words.ts';
import { WatchedSession } from './session-guard.ts';

const WORDS = { type: 'keywords', words: ['nightingale'] } as const;
const MAIL = 'ada@example.com';

function guardrail(more: Partial<GuardrailConfig> = {}): GuardrailConfig {
  return {
    ...DEFAULT_GUARDRAIL,
    name: 'g',
    on: ['input', 'output'],
    when: {},
    checks: [WORDS],
    ...more,
  } as GuardrailConfig;
}

type Json = Record<string, unknown>;

/** A session under these guardrails, and what came out of it. */
function session(
  configs: readonly GuardrailConfig[],
  {
    ask,
    asking,
    gemini = false,
  }: { ask?: Ask; asking?: (run: () => GuardRun) => Ask; gemini?: boolean } = {},
) {
  const guards = configs.map((config) => compileGuard(config, new SchemaBook()));
  const placeholders = new Placeholders(Buffer.alloc(32), 'k');
  const told: Json[] = [];
  const asked: Json[] = [];
  const refused: { code: string; answer: { id: string } | null }[] = [];
  const stopped: string[] = [];
  const guard = new WatchedSession({
    words: gemini ? bidiWords() : openaiWords(),
    newRun: () => new GuardRun({ guards, placeholders, schema: null }),
    ask: (_side, run) =>
      ask ?? asking?.(run) ?? (async (_guard, texts) => ({ refusal: null, retry: null, texts })),
  });
  guard.attach({
    tell: (message) => void told.push(JSON.parse(String(message)) as Json),
    ask: (message) => void asked.push(JSON.parse(message) as Json),
    stop: ({ id }) => {
      stopped.push(id);
      return !gemini;
    },
    refuse: (error, answer) => void refused.push({ code: error.code, answer }),
  });
  return {
    guard,
    told,
    asked,
    refused,
    stopped,
    hear: (event: Json | string): Heard =>
      guard.heard(typeof event === 'string' ? event : JSON.stringify(event)) as SocketMessage | GatewayError,
    tell(...events: Json[]) {
      for (const event of events) guard.told(JSON.stringify(event));
    },
    types: () => told.map(({ type }) => type),
  };
}

const codeOf = (heard: Heard): string => (heard instanceof GatewayError ? heard.code : 'goes on');
const item = (text: string): Json => ({
  type: 'conversation.item.create',
  item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
});
const APPEND = { type: 'input_audio_buffer.append', audio: 'AAAA' };
const WRITES = { type: 'session.update', session: { audio: { input: { transcription: { model: 'w' } } } } };
const at = (type: string, more: Json): Json => ({
  type,
  response_id: 'r1',
  item_id: 'i1',
  content_index: 0,
  ...more,
});
const created = { type: 'response.created', response: { id: 'r1' } };
const done = (text = ''): Json => ({
  type: 'response.done',
  response: {
    id: 'r1',
    status: 'completed',
    output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }],
  },
});

describe('what the client says', () => {
  it('in text is refused, and what is not goes on as it came', () => {
    const { hear } = session([guardrail()]);
    const fine = JSON.stringify(item('hello'));
    expect(hear(fine)).toBe(fine);
    expect(codeOf(hear(item('Project Nightingale')))).toBe('GW_GUARDRAIL_BLOCKED');
    expect(codeOf(hear({ type: 'session.update', session: { instructions: 'say nightingale' } }))).toBe(
      'GW_GUARDRAIL_BLOCKED',
    );
    expect(
      codeOf(hear({ type: 'response.create', response: { input: [item('nightingale')['item']] } })),
    ).toBe('GW_GUARDRAIL_BLOCKED');
    expect(codeOf(hear({ type: 'something.new', anything: { deep: ['nightingale'] } }))).toBe(
      'GW_GUARDRAIL_BLOCKED',
    );
    expect(codeOf(hear('no JSON'))).toBe('GW_GUARDRAIL_UNREADABLE');
  });

  it('as the result of a tool is looked at by those that look at results alone', () => {
    const { hear } = session([guardrail({ on: ['tool_result'] })]);
    const result = (output: string): Json => ({
      type: 'conversation.item.create',
      item: { type: 'function_call_output', call_id: 'c', output },
    });
    expect(codeOf(hear(result('nightingale')))).toBe('GW_GUARDRAIL_BLOCKED');
    expect(codeOf(hear(item('nightingale')))).toBe('goes on');
  });

  it('is masked on its way, and unmasked in what the model says of it', () => {
    const { hear, tell, told } = session([guardrail({ action: 'redact', checks: [{ type: 'pii' }] })]);
    const sent = String(hear(item(`write to ${MAIL}`)));
    expect(sent).not.toContain(MAIL);
    const name = /\[EMAIL_\w+\]/.exec(sent)![0];
    tell(created, at('response.output_text.delta', { delta: `I wrote to ${name.slice(0, 5)}` }));
    tell(at('response.output_text.delta', { delta: `${name.slice(5)} now` }));
    tell(at('response.output_text.done', { text: `I wrote to ${name} now` }), done(`I wrote to ${name} now`));
    const said = told
      .map(({ delta }) => delta)
      .filter((text) => typeof text === 'string')
      .join('');
    expect(said).toBe(`I wrote to ${MAIL} now`);
    expect(JSON.stringify(told.at(-1))).toContain(MAIL);
  });

  it('is shown to those that are asked, and what is said behind it waits', async () => {
    let decide: (refused: boolean) => void = () => undefined;
    const ask: Ask = (_guard, texts) =>
      new Promise((resolve) => {
        decide = (no) =>
          resolve({ refusal: no ? new GatewayError('GW_GUARDRAIL_BLOCKED') : null, retry: null, texts });
      });
    const { guard } = session([guardrail({ checks: [{ type: 'webhook', url: 'http://h' }] })], { ask });
    const heard = guard.heard(JSON.stringify(item('hello')));
    expect(heard).toBeInstanceOf(Promise);
    decide(true);
    expect(codeOf(await heard)).toBe('GW_GUARDRAIL_BLOCKED');
  });
});

describe('sound of the client', () => {
  it('needs a transcript, or the word of the configuration', () => {
    const strict = session([guardrail()]);
    expect(codeOf(strict.hear(APPEND))).toBe('GW_GUARDRAIL_UNREADABLE');
    expect(codeOf(strict.hear(WRITES))).toBe('goes on');
    expect(codeOf(strict.hear(APPEND))).toBe('goes on');
    strict.hear({ type: 'session.update', session: { audio: { input: { transcription: null } } } });
    expect(codeOf(strict.hear(APPEND))).toBe('GW_GUARDRAIL_UNREADABLE');
    const said = session([guardrail({ sound: 'flag' })]);
    expect(codeOf(said.hear(APPEND))).toBe('goes on');
    expect(said.guard.takeOutcomes()).toContainEqual({ name: 'g', at: 'request', action: 'unchecked' });
    const open = session([guardrail({ sound: 'allow' })]);
    expect(codeOf(open.hear(APPEND))).toBe('goes on');
    expect(open.guard.takeOutcomes()).not.toContainEqual({ name: 'g', at: 'request', action: 'unchecked' });
    // An item that holds sound is sound.
    const content = [{ type: 'input_audio', audio: 'AAAA' }];
    const held = { type: 'conversation.item.create', item: { type: 'message', role: 'user', content } };
    expect(codeOf(session([guardrail()]).hear(held))).toBe('GW_GUARDRAIL_UNREADABLE');
    // Who looks at answers alone has no word on it.
    expect(codeOf(session([guardrail({ on: ['output'] })]).hear(APPEND))).toBe('goes on');
  });

  const spoken = { type: 'input_audio_buffer.committed', item_id: 'u1' };
  const written = (transcript: string): Json => ({
    type: 'conversation.item.input_audio_transcription.completed',
    item_id: 'u1',
    transcript,
  });

  it('is answered to nobody before its words are judged', () => {
    const { hear, tell, types, refused, asked } = session([guardrail({ on: ['input'] })]);
    hear(WRITES);
    hear(APPEND);
    tell(spoken, created, at('response.output_text.delta', { delta: 'You said ' }));
    expect(types()).toEqual(['input_audio_buffer.committed']);
    tell(written('hello'));
    expect(types()).toContain('response.output_text.delta');
    tell(done(), { ...spoken, item_id: 'u2' }, { ...created, response: { id: 'r2' } });
    tell(at('response.output_text.delta', { response_id: 'r2', delta: 'A secret' }));
    const before = types().length;
    tell({ ...written('project nightingale'), item_id: 'u2' });
    expect(refused).toEqual([{ code: 'GW_GUARDRAIL_BLOCKED', answer: { id: 'r2' } }]);
    expect(asked).toEqual([{ type: 'conversation.item.delete', item_id: 'u2' }]);
    tell(at('response.output_text.delta', { response_id: 'r2', delta: 'more' }));
    expect(types().slice(before)).toEqual(['conversation.item.input_audio_transcription.completed']);
  });

  it('that could not be written down is refused, or said to be unchecked', () => {
    const failed = { type: 'conversation.item.input_audio_transcription.failed', item_id: 'u1' };
    for (const [sound, code] of [
      ['refuse', ['GW_GUARDRAIL_UNREADABLE']],
      ['flag', []],
    ] as const) {
      const { hear, tell, refused } = session([guardrail({ on: ['input'], sound })]);
      hear(WRITES);
      tell(spoken, created, failed);
      expect(refused.map((one) => one.code)).toEqual(code);
    }
  });

  it('of which words would be masked is refused: out of sound nothing is taken', () => {
    const { hear, tell, refused } = session([guardrail({ action: 'redact', checks: [{ type: 'pii' }] })]);
    hear(WRITES);
    tell(spoken, written(`my address is ${MAIL} thanks`));
    expect(refused).toEqual([{ code: 'GW_GUARDRAIL_BLOCKED', answer: null }]);
  });
});

describe('what the model says', () => {
  it('piece by piece never holds what is refused, however it is cut, and ends its answer', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 25 }), { maxLength: 8 }), (cuts) => {
        const text = 'This is Project Nightingale, our plan.';
        const { tell, told, refused } = session([guardrail()]);
        tell(created);
        let from = 0;
        for (const cut of [...cuts, text.length]) {
          const delta = text.slice(from, from + cut);
          from += cut;
          if (delta !== '') tell(at('response.output_text.delta', { delta }));
        }
        tell(at('response.output_text.done', { text }), done(text));
        tell({
          type: 'conversation.item.done',
          item: { id: 'i1', type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] },
        });
        expect(JSON.stringify(told).toLowerCase()).not.toContain('nightingale');
        expect(refused).toEqual([{ code: 'GW_GUARDRAIL_BLOCKED', answer: { id: 'r1' } }]);
        expect(told.at(-1)).toMatchObject({ type: 'response.done', response: { id: 'r1', output: [] } });
      }),
    );
  });

  it.each([
    'response.output_text',
    'response.text',
    'response.output_audio_transcript',
    'response.audio_transcript',
    'response.function_call_arguments',
    'session.output_text',
  ])('in %s is looked at', (type) => {
    const { tell, told, refused } = session([guardrail()]);
    tell(
      created,
      at(`${type}.delta`, { delta: 'the nightingale' }),
      at(`${type}.delta`, { delta: ' sings' }),
    );
    expect(JSON.stringify(told)).not.toContain('nightingale');
    expect(refused).toHaveLength(1);
  });

  it('in an event that nobody knows is looked at as a whole', () => {
    const { tell, told, refused } = session([guardrail()]);
    tell({ type: 'response.something_new', response_id: 'r1', words: ['nightingale'] });
    expect([told, refused.length]).toEqual([[], 1]);
  });

  it('masked comes out as the whole would, the rest of a part before its end', () => {
    const { tell, told, types } = session([
      guardrail({ on: ['output'], action: 'redact', checks: [{ type: 'pii' }] }),
    ]);
    tell(created);
    for (const delta of ['Write to ada@', 'example', '.com'])
      tell(at('response.output_text.delta', { delta }));
    tell(at('response.output_text.done', { text: `Write to ${MAIL}` }), done(`Write to ${MAIL}`));
    expect(told.map(({ delta }) => delta ?? '').join('')).toBe('Write to [EMAIL]');
    expect(types()).toEqual([
      'response.created',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.done',
    ]);
    expect(told[3]).toMatchObject({ text: 'Write to [EMAIL]' });
    expect(JSON.stringify(told)).not.toContain(MAIL);
  });

  it('calls no tool that may not be called', () => {
    const { tell, told, refused } = session([guardrail({ checks: [{ type: 'tools', deny: ['drop_*'] }] })]);
    const call = (name: string): Json => ({
      type: 'response.output_item.added',
      response_id: 'r1',
      item: { id: 'i1', type: 'function_call', name },
    });
    tell(created, call('look_up'));
    expect(refused).toEqual([]);
    tell(call('drop_table'), at('response.function_call_arguments.delta', { delta: '{}' }));
    expect(refused).toEqual([{ code: 'GW_GUARDRAIL_BLOCKED', answer: { id: 'r1' } }]);
    expect(told).toHaveLength(2);
  });

  const sound = at('response.output_audio.delta', { delta: 'AAAA' });
  const words = (delta: string): Json => at('response.output_audio_transcript.delta', { delta });
  const wordsDone = (transcript: string): Json => at('response.output_audio_transcript.done', { transcript });

  it('in sound waits for its words, keeps their order, and is never told where they are refused', () => {
    const fine = session([guardrail()]);
    fine.tell(created, sound, words('hello '), sound, words('there'));
    expect(fine.types()).toEqual(['response.created']);
    fine.tell(wordsDone('hello there'), sound, at('response.output_audio.done', {}), done());
    expect(fine.types().filter((type) => type === 'response.output_audio.delta')).toHaveLength(3);
    expect(fine.types().at(-1)).toBe('response.done');
    const bad = session([guardrail()]);
    bad.tell(
      created,
      sound,
      words('the nightin'),
      sound,
      words('gale sings'),
      wordsDone('the nightingale sings'),
      sound,
    );
    expect(bad.types()).toEqual(['response.created']);
    expect(bad.refused).toHaveLength(1);
  });

  it('in sound goes on at once where the configuration lets it, its words beside it', () => {
    const { tell, types, refused } = session([guardrail({ sound: 'flag' })]);
    tell(created, sound, words('hello '));
    expect(types()).toContain('response.output_audio.delta');
    tell(words('nightingale '), words('x'), sound);
    expect(refused).toHaveLength(1);
    expect(types().filter((type) => type === 'response.output_audio.delta')).toHaveLength(1);
  });

  it('in sound whose words would be masked, or that has none, is refused', () => {
    const masked = session([guardrail({ action: 'redact', checks: [{ type: 'pii' }] })]);
    masked.tell(created, sound, words(`it is ${MAIL} you know`), wordsDone(`it is ${MAIL} you know`));
    expect(masked.refused).toHaveLength(1);
    const mute = session([guardrail()]);
    mute.tell(created, sound, sound, done());
    expect(mute.refused.map(({ code }) => code)).toEqual(['GW_GUARDRAIL_UNREADABLE']);
    expect(mute.types()).not.toContain('response.output_audio.delta');
  });

  it('is judged by those that are asked before it goes on', async () => {
    const ask: Ask = async (_guard, texts) => ({
      refusal: texts.join('').includes('bad') ? new GatewayError('GW_GUARDRAIL_BLOCKED') : null,
      retry: null,
      texts,
      found: null,
    });
    const checks = [{ type: 'webhook' as const, url: 'http://h' }];
    for (const text of ['all good', 'all bad']) {
      const { tell, types, refused } = session([guardrail({ checks })], { ask });
      tell(created, at('response.output_text.delta', { delta: text }));
      expect(types()).toEqual(['response.created']);
      tell(at('response.output_text.done', { text }), done(text));
      if (text === 'all bad') await vi.waitFor(() => expect(refused).toHaveLength(1));
      else await vi.waitFor(() => expect(types()).toContain('response.done'));
      expect(types().includes('response.output_text.delta')).toBe(text === 'all good');
    }
  });

  it('is not what the session’s settings tell, nor what the client said', () => {
    const { tell, types, refused } = session([guardrail({ on: ['output'] })]);
    const tools = [{ type: 'function', name: 'f', description: 'finds a nightingale' }];
    tell({ type: 'session.updated', session: { instructions: 'nightingale', tools } });
    const content = [{ type: 'input_text', text: 'nightingale' }];
    tell({ type: 'conversation.item.added', item: { id: 'u1', type: 'message', role: 'user', content } });
    expect([types(), refused]).toEqual([['session.updated', 'conversation.item.added'], []]);
  });

  it('only in the event that ends its answer ends empty', () => {
    const { tell, told, refused } = session([guardrail()]);
    tell(created, done('the nightingale sings'));
    expect(refused).toEqual([{ code: 'GW_GUARDRAIL_BLOCKED', answer: null }]);
    expect(told.at(-1)).toMatchObject({ type: 'response.done', response: { id: 'r1', output: [] } });
  });

  it('is told of by turn, and what has no answer is only said', () => {
    const { tell, guard, refused } = session([guardrail({ action: 'flag' })]);
    tell(
      created,
      at('response.output_text.delta', { delta: 'nightingale ' }),
      at('response.output_text.done', { text: 'nightingale ' }),
      done(),
    );
    expect(refused).toEqual([]);
    expect(guard.takeOutcomes()).toContainEqual({ name: 'g', at: 'answer', action: 'flag' });
    expect(guard.takeOutcomes()).not.toContainEqual({ name: 'g', at: 'answer', action: 'flag' });
    const other = session([guardrail({ on: ['output'] })]);
    other.tell({
      type: 'conversation.item.retrieved',
      item: { id: 'old', role: 'assistant', content: [{ text: 'nightingale' }] },
    });
    expect(other.refused).toEqual([{ code: 'GW_GUARDRAIL_BLOCKED', answer: null }]);
  });

  it('beyond what is held is refused, or goes on where checks may fail', () => {
    for (const [onError, refusals] of [
      ['closed', 1],
      ['open', 0],
    ] as const) {
      const { tell, types, refused } = session([guardrail({ onError })]);
      tell(created);
      const large = at('response.output_audio.delta', { delta: 'A'.repeat(5 * 1024 * 1024) });
      tell(large, large, large, large);
      expect(refused).toHaveLength(refusals);
      expect(types().includes('response.output_audio.delta')).toBe(onError === 'open');
    }
  });
});

describe('Gemini Live', () => {
  const part = (text: string): Json => ({
    serverContent: { modelTurn: { role: 'model', parts: [{ text }] } },
  });
  const over = { serverContent: { turnComplete: true }, usageMetadata: { totalTokenCount: 1 } };

  it('is looked at both ways', () => {
    const { hear, tell, told, refused } = session([guardrail()], { gemini: true });
    const setup = { setup: { model: 'm', systemInstruction: { parts: [{ text: 'be kind' }] } } };
    expect(hear(setup)).toBe(JSON.stringify(setup));
    const said = (text: string): Json => ({
      clientContent: { turns: [{ role: 'user', parts: [{ text }] }], turnComplete: true },
    });
    expect(codeOf(hear(said('hello')))).toBe('goes on');
    expect(codeOf(hear(said('nightingale')))).toBe('GW_GUARDRAIL_BLOCKED');
    expect(codeOf(hear({ realtimeInput: { text: 'nightingale' } }))).toBe('GW_GUARDRAIL_BLOCKED');
    const response = { functionResponses: [{ id: '1', name: 'f', response: { output: 'nightingale' } }] };
    expect(codeOf(hear({ toolResponse: response }))).toBe('GW_GUARDRAIL_BLOCKED');
    tell(part('Hello night'), part('ingale!'), over);
    expect(JSON.stringify(told)).not.toContain('night');
    expect(refused).toEqual([{ code: 'GW_GUARDRAIL_BLOCKED', answer: { id: 'answer 1' } }]);
  });

  it('says the rest of a turn before its end, in bytes where it came in bytes', () => {
    const { guard, told } = session(
      [guardrail({ on: ['output'], action: 'redact', checks: [{ type: 'pii' }] })],
      { gemini: true },
    );
    for (const message of [part('Write to ada@'), part('example.com'), over])
      guard.told(Buffer.from(JSON.stringify(message)));
    const texts = told.map(
      (one) =>
        (one['serverContent'] as { modelTurn?: { parts: { text: string }[] } }).modelTurn?.parts[0]?.text ??
        '',
    );
    expect(texts.join('')).toBe('Write to [EMAIL]');
    expect(told.at(-1)).toEqual(over);
  });

  it('takes sound with transcripts, and holds its answer until they were judged', () => {
    const audio = { realtimeInput: { audio: { data: 'AAAA', mimeType: 'audio/pcm' } } };
    const strict = session([guardrail()], { gemini: true });
    strict.hear({ setup: { model: 'm' } });
    expect(codeOf(strict.hear(audio))).toBe('GW_GUARDRAIL_UNREADABLE');
    const written = session([guardrail()], { gemini: true });
    written.hear({ setup: { model: 'm', inputAudioTranscription: {}, outputAudioTranscription: {} } });
    expect(codeOf(written.hear(audio))).toBe('goes on');
    const heard = (text: string): Json => ({ serverContent: { inputTranscription: { text } } });
    written.tell(part('Yes'), heard('hello '));
    expect(JSON.stringify(written.told)).not.toContain('Yes');
    written.tell(over);
    expect(JSON.stringify(written.told)).toContain('Yes');
    written.hear(audio);
    written.tell(part('Sure'), heard('nightin'), heard('gale'), over);
    expect(written.refused).toHaveLength(1);
    expect(JSON.stringify(written.told)).not.toContain('Sure');
  });

  it('runs code that is looked at, and finds pages that are', () => {
    for (const content of [
      { modelTurn: { parts: [{ executableCode: { code: 'print("nightingale")' } }] } },
      { modelTurn: { parts: [{ codeExecutionResult: { output: 'nightingale' } }] } },
      { groundingMetadata: { groundingChunks: [{ web: { title: 'nightingale' } }] } },
    ]) {
      const { tell, told, refused } = session([guardrail()], { gemini: true });
      tell({ serverContent: content });
      expect([told, refused.length]).toEqual([[], 1]);
    }
  });

  it('calls tools with arguments that are looked at', () => {
    const { tell, told, refused } = session([guardrail({ on: ['tool_call'] })], { gemini: true });
    tell({ toolCall: { functionCalls: [{ id: '1', name: 'f', args: { q: 'nightingale' } }] } });
    expect([told, refused.length]).toEqual([[], 1]);
  });
});

describe('a guardrail that wants another answer', () => {
  const again = guardrail({ on: ['output'], action: 'retry' });
  const spoken = (response: string, text: string): Json[] => [
    { type: 'response.created', response: { id: response } },
    at('response.output_audio_transcript.delta', {
      response_id: response,
      item_id: `i-${response}`,
      delta: text,
    }),
    at('response.output_audio_transcript.done', {
      response_id: response,
      item_id: `i-${response}`,
      transcript: text,
    }),
    { ...done(), response: { id: response, status: 'completed', output: [] } },
  ];
  const settings = { type: 'session.created', session: { instructions: 'Be kind.' } };

  it('ends the one that is not fit, and asks for another beside the instructions of the session', () => {
    const { tell, asked, stopped, refused, told, guard } = session([again]);
    tell(settings, ...spoken('r1', 'the nightingale ').slice(0, 2));
    expect([stopped, asked]).toEqual([['r1'], []]);
    tell({ ...done(), response: { id: 'r1', status: 'cancelled', output: [{ type: 'message' }] } });
    expect(asked).toEqual([
      { type: 'conversation.item.delete', item_id: 'i-r1' },
      {
        type: 'response.create',
        response: { instructions: expect.stringMatching(/^Be kind\.\n\nYour last answer/) },
      },
    ]);
    tell(...spoken('r2', 'another bird '));
    expect(refused).toEqual([]);
    expect(JSON.stringify(told)).not.toContain('nightingale');
    expect(JSON.stringify(told)).toContain('another bird');
    const ends = told.filter(({ type }) => type === 'response.done').map((event) => event['response']);
    expect(ends).toEqual([
      { id: 'r1', status: 'cancelled', output: [] },
      { id: 'r2', status: 'completed', output: [] },
    ]);
    expect(guard.takeOutcomes()).toContainEqual({ name: 'g', at: 'answer', action: 'mask' });
  });

  it('refuses the second that is no better, and asks again in the next turn', () => {
    const { tell, asked, stopped, refused } = session([again]);
    tell(...spoken('r1', 'nightingale '), ...spoken('r2', 'nightingale '));
    expect(refused.map(({ code, answer }) => [code, answer?.id])).toEqual([['GW_GUARDRAIL_BLOCKED', 'r2']]);
    tell(...spoken('r3', 'nightingale '));
    expect(refused).toHaveLength(1);
    expect(stopped).toEqual(['r1', 'r3']);
    expect(asked.filter(({ type }) => type === 'response.create')).toHaveLength(2);
  });

  it('asks again for what is found at its end alone, and does not stop what has ended', () => {
    const { tell, asked, stopped, told } = session([again]);
    tell(created, done('the nightingale sings'));
    expect(stopped).toEqual([]);
    expect(asked.at(-1)).toMatchObject({ type: 'response.create' });
    expect(JSON.stringify(told)).not.toContain('nightingale');
    expect(told.at(-1)).toMatchObject({ type: 'response.done', response: { output: [] } });
  });

  it('refuses a second one that shows at its end alone to be no better', () => {
    const { tell, asked, refused } = session([again]);
    const ended = (id: string): Json => {
      const { response, ...rest } = done('the nightingale sings') as { response: Json };
      return { ...rest, response: { ...response, id } };
    };
    tell(created, ended('r1'), { type: 'response.created', response: { id: 'r2' } }, ended('r2'));
    expect(asked.filter(({ type }) => type === 'response.create')).toHaveLength(1);
    expect(refused.map(({ code }) => code)).toEqual(['GW_GUARDRAIL_BLOCKED']);
  });

  it('wants no other than the next where the one it spoke of was refused', () => {
    const block = guardrail({ name: 'b', on: ['output'], checks: [{ type: 'pii' }] });
    const { tell, told, refused, asked } = session([again, block]);
    tell(...spoken('r1', `nightingale at ${MAIL} `));
    expect(refused).toHaveLength(1);
    tell(...spoken('r2', 'another bird '));
    expect(refused).toHaveLength(1);
    expect(asked).toEqual([]);
    expect(JSON.stringify(told)).toContain('another bird');
  });

  it('does not hear of the second what was still asked about the first', async () => {
    const verdicts: (() => void)[] = [];
    const asking = (): Ask => (guard, texts) =>
      new Promise((resolve) => {
        verdicts.push(() => {
          const retry = texts[0]!.includes('nightingale') ? { guard, reason: 'no birds' } : null;
          resolve({ refusal: null, retry, texts });
        });
      });
    const hook = guardrail({
      on: ['output'],
      action: 'retry',
      checks: [{ type: 'webhook', url: 'http://h' }],
    });
    const { tell, told, refused, stopped } = session([hook], { asking });
    const [begun, delta, ended, over] = spoken('r1', 'nightingale ') as [Json, Json, Json, Json];
    tell(begun, delta, ended, { ...delta, content_index: 1 }, { ...ended, content_index: 1 });
    verdicts[0]!();
    await vi.waitFor(() => expect(stopped).toEqual(['r1']));
    verdicts[1]!();
    await new Promise((resolve) => setImmediate(resolve));
    tell(over, ...spoken('r2', 'another bird '));
    verdicts[2]!();
    await vi.waitFor(() => expect(JSON.stringify(told)).toContain('another bird'));
    expect(refused).toEqual([]);
  });

  it.each([
    ['asked for again', true],
    ['refused', false],
  ])('is %s, once, where that is known only behind its end', async (_what, retries) => {
    const verdicts: (() => void)[] = [];
    const asking =
      (run: () => GuardRun): Ask =>
      (guard, texts) =>
        new Promise((resolve) => {
          verdicts.push(() => {
            const retry = retries ? { guard, reason: 'no birds' } : null;
            resolve({ refusal: retries ? null : run().refused(guard, 'answer'), retry, texts });
          });
        });
    const action = retries ? 'retry' : 'block';
    const hook = guardrail({ on: ['output'], action, checks: [{ type: 'webhook', url: 'http://h' }] });
    const { tell, told, types, refused, stopped, asked } = session([hook], { asking });
    const ended = { type: 'response.done', response: { output: [] } };
    tell(...spoken('r1', 'nightingale '));
    expect(types()).toEqual(['response.created']);
    verdicts[0]!();
    await vi.waitFor(() => expect(told.at(-1)).toMatchObject(ended));
    expect(JSON.stringify(told)).not.toContain('nightingale');
    expect(refused).toHaveLength(retries ? 0 : 1);
    expect(asked.filter(({ type }) => type === 'response.create')).toHaveLength(retries ? 1 : 0);
    tell(...spoken('r2', 'nightingale '));
    verdicts[1]!();
    await vi.waitFor(() => expect(refused).toHaveLength(retries ? 1 : 2));
    expect(told.at(-1)).toMatchObject({ ...ended, response: { id: 'r2', output: [] } });
    expect(asked.filter(({ type }) => type === 'response.create')).toHaveLength(retries ? 1 : 0);
    expect(stopped).toEqual([]);
    expect(JSON.stringify(told)).not.toContain('nightingale');
  });

  it('asks again for a call of a tool that may not be called', () => {
    const { tell, stopped } = session([
      guardrail({
        on: ['tool_call'],
        action: 'retry',
        checks: [{ type: 'tools', deny: ['delete_*'] }],
      }),
    ]);
    const call = { type: 'function_call', id: 'i1', name: 'delete_all' };
    tell(created, { type: 'response.output_item.added', response_id: 'r1', item: call });
    expect(stopped).toEqual(['r1']);
  });

  it('refuses where the protocol has no word for it', () => {
    const { tell, refused } = session([again], { gemini: true });
    tell({ serverContent: { modelTurn: { parts: [{ text: 'nightingale ' }] } } });
    expect(refused.map(({ code }) => code)).toEqual(['GW_GUARDRAIL_BLOCKED']);
  });
});
