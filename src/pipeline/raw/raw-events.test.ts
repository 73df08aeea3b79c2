import { expect, test } from 'vitest';
import { RawEvents } from './raw-events.ts';

const event = (data: object): string => `event: x\ndata: ${JSON.stringify(data)}\n\n`;

/** @param size bytes of a piece. */
function read(text: string, size: number): RawEvents {
  const events = new RawEvents();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) events.read(bytes.subarray(at, at + size));
  return events;
}

const STREAMS = [
  [
    'a transcription',
    event({ type: 'transcript.text.delta', delta: 'hé' }) +
      event({
        type: 'transcript.text.done',
        text: 'hé',
        usage: { type: 'tokens', input_tokens: 14, output_tokens: 3 },
      }),
    { usage: { input: 14, output: 3 }, id: null },
  ],
  [
    'a transcription by its length',
    event({ type: 'transcript.text.done', text: '', usage: { type: 'duration', seconds: 9 } }),
    { usage: null, quantities: { seconds: 9 } },
  ],
  [
    'speech',
    event({ type: 'speech.audio.delta', audio: 'AAAA' }) +
      event({ type: 'speech.audio.done', usage: { input_tokens: 4, output_tokens: 101, total_tokens: 105 } }),
    { usage: { input: 4, output: 101 } },
  ],
  [
    'a session of an agent',
    event({ type: 'agent.session.created', event_id: 'e', session: { id: 'sess_1', status: 'idle' } }) +
      event({ type: 'agent.session.idle', event_id: 'e' }),
    { usage: null, id: 'sess_1' },
  ],
  [
    'a run that begins a thread',
    event({ id: 'thread_1', object: 'thread', metadata: {} }),
    { usage: null, id: 'thread_1' },
  ],
  [
    'an interaction',
    event({
      event_type: 'interaction.created',
      interaction: { id: 'int_1', model: 'gemini-3', status: 'in_progress' },
    }) +
      event({ event_type: 'step.delta', index: 0, delta: { type: 'text', text: 'hi' } }) +
      event({
        event_type: 'interaction.completed',
        interaction: {
          id: 'int_1',
          usage: {
            total_input_tokens: 7,
            total_output_tokens: 2,
            total_thought_tokens: 5,
            total_cached_tokens: 3,
          },
        },
      }),
    { usage: { input: 7, output: 7, reasoning: 5, cacheRead: 3 }, id: 'int_1', model: 'gemini-3' },
  ],
] as const;

test.each(STREAMS)('of %s what was used is read, wherever its pieces are cut', (_what, text, facts) => {
  for (const size of [1, 7, 64, text.length]) expect(read(text, size).facts).toMatchObject(facts);
});

test('a line that is longer than anything of the kind is passed over, and what follows is read', () => {
  const long = `data: {"audio":"${'A'.repeat(2_000_000)}","usage":{"input_tokens":1}}\n`;
  const usage = event({ usage: { input_tokens: 5, output_tokens: 6 } });
  expect(read(long, 65_536).facts).toBeNull();
  expect(read(long + usage, 65_536).facts).toMatchObject({ usage: { input: 5, output: 6 } });
});

test('what is no JSON tells nothing', () => {
  expect(read('data: "usage"\ndata: {"usage":\n\n', 5).facts).toBeNull();
});
