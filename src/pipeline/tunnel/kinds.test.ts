// What each protocol of spoken conversations reads out of its messages.
import { describe, expect, test } from 'vitest';
import type { Target } from '../../contracts/plan.ts';
import { kindOf } from './kinds.ts';

const BIDI = '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent';
// Of a target they read these alone.
const at = (below: string): Target => ({ below, model: 'gemini-live' }) as Target;

describe('Gemini Live', () => {
  const kind = kindOf(BIDI);

  test.each([
    ['models/m', 'm'],
    ['publishers/google/models/m', 'm'],
    ['projects/p/locations/l/publishers/google/models/m', 'm'],
    // What Vertex AI's clients make of `vertex/m`.
    ['projects/p/locations/l/publishers/vertex/models/m', 'vertex/m'],
    ['alias', 'alias'],
  ])('names its model: %s', (said, model) => {
    const first = JSON.stringify({ setup: { model: said } });
    expect([kind.modelOf(first), kind.modelOf(Buffer.from(first))]).toEqual([model, model]);
    expect(JSON.parse(String(kind.renamed(first, at(''))))).toEqual({
      setup: { model: 'models/gemini-live' },
    });
  });

  test('is asked of Vertex by the place of the project', () => {
    const target = at('/projects/p/locations/l/publishers/google');
    expect(JSON.parse(String(kind.renamed('{"setup":{"model":"m"}}', target)))).toEqual({
      setup: { model: 'projects/p/locations/l/publishers/google/models/gemini-live' },
    });
    expect(kind.pathAt(target)).toContain('LlmBidiService');
    expect(kind.pathAt(at(''))).toContain('generativelanguage');
  });

  test.each(['no JSON', '{}', '{"setup":{}}', '{"realtimeInput":{}}', '{"setup":7}'])(
    '%s is no beginning',
    (text) => {
      expect(kind.modelOf(text)).toBeNull();
    },
  );

  test('other messages go on as they are, whatever they hold', () => {
    for (const text of ['no "setup"', '{"clientContent":{"turns":[{"parts":[{"text":"\\"setup\\""}]}]}}'])
      expect(kind.renamed(text, at(''))).toBe(text);
    const bytes = Buffer.from([1, 2, 3]);
    expect(kind.renamed(bytes, at(''))).toBe(bytes);
  });

  test('says what an answer used, in text and in bytes', () => {
    const usageMetadata = {
      promptTokenCount: 5,
      toolUsePromptTokenCount: 2,
      responseTokenCount: 3,
      thoughtsTokenCount: 4,
    };
    const text = JSON.stringify({ usageMetadata });
    for (const message of [text, Buffer.from(text)])
      expect(kind.tells(message, true)).toMatchObject({
        kind: 'done',
        facts: { usage: { input: 7, output: 7, reasoning: 4 } },
      });
    expect(kind.tells('{"serverContent":{"modelTurn":{}}}', false)).toEqual({ kind: 'begun', id: null });
    expect(kind.tells('{"serverContent":{"modelTurn":{}}}', true)).toBeNull();
    expect(kind.tells('"usageMetadata" but no JSON', true)).toBeNull();
  });

  test('says what it used by what it was: sound, pictures, frames of films, of tools too', () => {
    const of = (...counts: [string, number][]) =>
      counts.map(([modality, tokenCount]) => ({ modality, tokenCount }));
    const usageMetadata = {
      promptTokenCount: 100,
      toolUsePromptTokenCount: 20,
      responseTokenCount: 60,
      promptTokensDetails: of(['TEXT', 10], ['AUDIO', 30], ['IMAGE', 25], ['VIDEO', 35]),
      toolUsePromptTokensDetails: of(['TEXT', 15], ['IMAGE', 5]),
      responseTokensDetails: of(['AUDIO', 50], ['TEXT', 10]),
    };
    expect(kind.tells(JSON.stringify({ usageMetadata }), true)).toMatchObject({
      facts: {
        usage: { input: 120, output: 60, audioInput: 30, imageInput: 30, videoInput: 35, audioOutput: 50 },
      },
    });
  });

  test.each([
    ['gemini-3.1-flash-live', 3],
    // Paid for by the prompt that is grounded.
    ['gemini-live-2.5-flash', 1],
  ])('says what %s searched, once, whenever it tells it', (model, webSearches) => {
    const session = kindOf(BIDI);
    session.renamed('{"setup":{"model":"alias"}}', { below: '', model } as Target);
    const grounded = (...webSearchQueries: string[]) =>
      JSON.stringify({ serverContent: { groundingMetadata: { webSearchQueries } } });
    const done = JSON.stringify({
      serverContent: { turnComplete: true, groundingMetadata: { webSearchQueries: ['c'] } },
      usageMetadata: { promptTokenCount: 9, responseTokenCount: 7 },
    });
    expect(session.tells(grounded('a', 'b'), true)).toBeNull();
    expect(session.tells(grounded('a', 'b'), true)).toBeNull();
    // Another session searches for itself.
    expect(kindOf(BIDI).tells(done, true)).toMatchObject({ facts: { usage: { webSearches: 1 } } });
    expect(session.tells(done, true)).toMatchObject({ facts: { usage: { webSearches } } });
    const quiet = session.tells('{"usageMetadata":{"promptTokenCount":9}}', true);
    expect(quiet?.kind === 'done' && quiet.facts.usage).not.toHaveProperty('webSearches');
  });

  test('its first message is read however its letters are written', () => {
    const said = kind.renamed('{"\\u0073etup":{"model":"alias"}}', at(''));
    expect(JSON.parse(String(said))).toEqual({ setup: { model: 'models/gemini-live' } });
  });
});

test('music of Google’s models is named by its first message as well, and billed by its seconds', () => {
  const kind = kindOf('/ws/google.ai.generativelanguage.v1alpha.GenerativeService.BidiGenerateMusic');
  const first = '{"setup":{"model":"models/lyria"}}';
  expect([kind.modelOf(first), kind.turns, kind.counted]).toEqual(['lyria', false, true]);
  expect(kind.renamed(first, at(''))).toBe('{"setup":{"model":"models/gemini-live"}}');
  expect(kind.pathAt(at(''))).toMatch(/v1alpha\.GenerativeService\.BidiGenerateMusic$/);
  expect(kind.tells('{"serverContent":{"audioChunks":[{"data":"AAAA"}]}}', false)).toBeNull();
});

describe('Realtime', () => {
  const written = (usage: object) =>
    JSON.stringify({ type: 'conversation.item.input_audio_transcription.completed', item_id: 'i', usage });

  test.each([
    ['session.updated', { audio: { input: { transcription: { model: 'w' } } } }],
    ['session.created', { input_audio_transcription: { model: 'w' } }],
  ])('knows who writes down what is said (%s)', (type, session) => {
    const kind = kindOf('/v1/realtime');
    const heard = () => kind.tells(written({ type: 'duration', seconds: 2.5 }), false);
    expect(heard()).toMatchObject({ kind: 'heard', model: '' });
    kind.tells(JSON.stringify({ type, session }), false);
    expect(heard()).toMatchObject({ model: 'w', facts: { usage: null, quantities: { seconds: 2.5 } } });
    // A session that is changed in other ways has it still; another session never had.
    kind.tells('{"type":"session.updated","session":{}}', false);
    expect(heard()).toMatchObject({ model: 'w' });
    expect(kindOf('/v1/realtime').tells(written({}), false)).toMatchObject({ model: '' });
  });
});
