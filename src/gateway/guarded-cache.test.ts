// Kept answers and guardrails together: what was refused is kept for nobody, and nobody is given what his own rules did not see.
import { beforeEach, describe, expect, it } from 'vitest';
import { type FakeProvider, fakeProvider } from '../../tests/kit/fake-call.ts';
import { DEFAULT_GUARDRAIL } from '../config/schema/defaults.ts';
import type { Call } from '../contracts/call.ts';
import type { GuardrailConfig } from '../contracts/guardrail.ts';
import { stageOf } from '../pipeline/guardrails/guardrails.fixture.ts';
import { dialectByName } from '../registry/dialects.ts';
import { answer, body, cacheFixture, chunk } from './cache.fixture.ts';

let provider: FakeProvider;
beforeEach(() => {
  provider = fakeProvider('p', dialectByName('openai-chat'));
});

const says = (content: string) => answer('stop', { role: 'assistant', content });

/** A reader with these rules. @param chance of a call's being looked at, below its `sample`. */
function reader(more: Partial<GuardrailConfig>, chance = 0) {
  const config: GuardrailConfig = {
    ...DEFAULT_GUARDRAIL,
    name: 'words',
    on: ['output'],
    when: {},
    checks: [{ type: 'keywords', words: ['evil'] }],
    ...more,
  };
  const stage = stageOf(config, null, undefined, () => chance);
  return { change: (call: Call) => expect(stage(call)).toBe('continue') };
}

describe('an answer that is refused', () => {
  it.each([false, true])(
    'is kept for nobody, not for who would be refused it again either (stream: %s)',
    (stream) => {
      const { ask, cache } = cacheFixture(provider);
      const blocks = reader({});
      for (let nth = 0; nth < 2; nth++) {
        const { call, sink } = ask({ ...body, stream }, blocks);
        const request = provider.requests[nth]!;
        if (stream)
          request
            .stream()
            .send(chunk({ content: 'so ' }), chunk({ content: 'EVIL' }), chunk({}, 'stop'), '[DONE]')
            .end();
        else request.json(200, says('so EVIL'));
        expect(call.settled).toBe(true);
        expect(sink.body).not.toContain('EVIL');
        expect(call.error).toMatchObject({ code: 'GW_GUARDRAIL_BLOCKED' });
        expect(sink.headers['x-headgate-cache']).toBe('miss; type=exact');
      }
      expect(provider.requests).toHaveLength(2);
      return expect(cache.told(null, false)).resolves.toMatchObject({ entries: 0 });
    },
  );
});

describe('an answer that went through some rules', () => {
  it('is given, as they left it, to readers with the same ones, and to nobody else', () => {
    const { ask } = cacheFixture(provider);
    const masks = reader({ action: 'redact' });
    ask(body, masks);
    provider.requests[0]!.json(200, says('so EVIL it is'));
    const again = ask(body, masks).sink;
    expect(again.headers['x-headgate-cache']).toMatch(/^hit/);
    expect(JSON.parse(again.body)).toMatchObject({
      choices: [{ message: { content: 'so [KEYWORD] it is' } }],
    });
    // Without rules, with others, and with the same that do something else about it.
    for (const other of [
      {},
      reader({ action: 'block' }),
      reader({ action: 'redact', checks: [{ type: 'pii' }] }),
    ])
      expect(ask(body, other).sink.body).toBe('');
    expect(provider.requests).toHaveLength(4);
  });

  it('that were not asked about it, by chance, is for those alone who would not be either', () => {
    const { ask } = cacheFixture(provider);
    const half: Partial<GuardrailConfig> = { sample: 0.5 };
    const [unseen, seen] = [reader(half, 0.9), reader(half, 0.1)];
    ask(body, unseen);
    provider.requests[0]!.json(200, says('so EVIL it is'));
    expect(ask(body, unseen).sink.body).toContain('EVIL');
    const looked = ask(body, seen);
    provider.requests[1]!.json(200, says('so EVIL it is'));
    expect(looked.sink.status).toBe(400);
    expect(looked.sink.body).not.toContain('EVIL');
  });
});
