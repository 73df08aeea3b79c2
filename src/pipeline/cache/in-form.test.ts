import { expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import type { CachedAnswer } from '../../contracts/cache.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { inForm } from './in-form.ts';

test('a kept completion that said again what it was asked says it once in another form', () => {
  const openai = dialectByName('openai-chat');
  const asked = { model: 'm', prompt: 'Q: ', echo: true, stream: true };
  const provider = fakeProvider('p', openai);
  const { call } = fakeCall('openai-chat', asked, [provider], {}, 'completion');
  const kept = { id: 'a', model: 'm', choices: [{ index: 0, text: 'Q: hi', finish_reason: 'stop' }] };
  const entry = {
    form: 'whole',
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(kept)),
    usage: null,
    turnId: null,
    includeUsage: false,
    pace: null,
  } as unknown as CachedAnswer; // all that is read of it
  const { stream, body } = inForm(call, openai, entry, 5_000);
  expect(stream).toBe(true);
  const texts = [...body.toString().matchAll(/"text":"([^"]*)"/g)].map(([, text]) => text);
  expect(texts.join('')).toBe('Q: hi');
});
