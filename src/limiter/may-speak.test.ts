import { expect, it } from 'vitest';
import { fakeCall } from '../../tests/kit/fake-call.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import { maySpeak } from './may-speak.ts';

const asked = (body: object, dialect: DialectName = 'openai-chat'): boolean =>
  maySpeak(fakeCall(dialect, { model: 'm', messages: [], ...body }, []).call);

it('is what a request for chat says, and text where it says nothing', () => {
  expect([asked({}), asked({ modalities: ['text'] }), asked({ audio: { voice: 'x' } })]).toEqual([
    false,
    false,
    false,
  ]);
  expect(asked({ modalities: ['text', 'audio'] })).toBe(true);
});

it('may be where letters are escapes, nobody has the body, or other dialects ask', () => {
  const { call } = fakeCall('openai-chat', { modalities: 'X' }, []);
  const written = Buffer.from(call.body!.toString().replace('"X"', '"\\u0061udio"'));
  const members = [...call.facts!.members];
  members[members.length - 1] = written.length - 1;
  expect(maySpeak({ route: call.route, body: written, facts: { ...call.facts!, members } })).toBe(true);
  expect(maySpeak({ ...call, route: call.route, body: null, facts: call.facts })).toBe(true);
  expect(asked({}, 'gemini')).toBe(true);
});
