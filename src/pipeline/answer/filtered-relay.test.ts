import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckConfig, GuardrailConfig } from '../../contracts/guardrail.ts';
import { redact } from '../../guardrails/redactor.ts';
import { filteredRelay, WORDS } from './filtered-relay.fixture.ts';
import { FilteredRelay } from './filtered-relay.ts';

const HEAD = {
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  system_fingerprint: 'fp',
};
const event = (delta: object, finish: string | null = null, head: object = HEAD): string =>
  `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const says = (content: string, head: object = HEAD): string => event({ content }, null, head);
const USAGE = `data: ${JSON.stringify({ ...HEAD, choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } })}\n\n`;
const DONE = 'data: [DONE]\n\n';

const setUp = (checks?: CheckConfig[], change?: Partial<GuardrailConfig>) =>
  filteredRelay('openai-chat', checks, change);

/** All that the stream says. */
function textOf(stream: string): string {
  return stream
    .split('\n\n')
    .filter((one) => one.startsWith('data: {'))
    .map((one) => {
      const { choices } = JSON.parse(one.slice(6)) as { choices: { delta?: { content?: string } }[] };
      return choices[0]?.delta?.content ?? '';
    })
    .join('');
}

describe('a stream that a filter stands in', () => {
  it('goes on in its own bytes once its kind is known, and where nothing may begin', () => {
    const { relay, push } = setUp();
    expect(relay).toBeInstanceOf(FilteredRelay);
    push(event({ role: 'assistant', content: '' }));
    // The first opens its block, and the second is what the others are compared with.
    push(says('zero') + says('one'));
    expect(push(says(' two'))).toBe(says(' two'));
    expect(push(says(' three') + says(' four'))).toBe(says(' three') + says(' four'));
    expect(relay.tokens).toBe(5);
  });

  it('is held where a word may begin, and goes on in its own bytes behind it', () => {
    const { push } = setUp();
    push(event({ role: 'assistant', content: '' }) + says('one'));
    expect(push(says(' the z'))).not.toContain('z');
    expect(push(says('ebra'))).toBe('');
    const said = push(says(' crossing'));
    expect(said).not.toContain('zebra');
    expect(textOf(push(says('.')))).toBe('[KEYWORD].');
    expect(push(says(' more'))).toBe(says(' more'));
    expect(textOf(push(says(' ze') + says('ro')))).toBe(' zero');
    expect(push(says(' more'))).toBe(says(' more'));
  });

  it('is written anew where its events have another name, or hold what is looked for beside their text', () => {
    for (const head of [
      { ...HEAD, id: 'other' },
      { ...HEAD, note: 'a xylophone' },
    ]) {
      const { push } = setUp();
      push(event({ role: 'assistant', content: '' }));
      const out = push(says('one', head) + says(' two', head) + says(' three', head));
      expect(textOf(out)).toBe('one two three');
      expect(out).not.toContain('xylophone');
      expect(out).not.toContain('"other"');
    }
  });

  it('is written anew where it is judged as a whole', () => {
    const { push } = setUp([{ type: 'length', maxChars: 10_000 }], { action: 'flag' });
    push(event({ role: 'assistant', content: '' }) + says('one'));
    expect(push(says(' two'))).not.toContain('system_fingerprint');
  });

  it('ends where a word is not to be said, whatever went on before it', () => {
    const { push, run } = setUp([WORDS], { action: 'block' });
    push(event({ role: 'assistant', content: '' }) + says('zero') + says('one'));
    expect(push(says(' two'))).toBe(says(' two'));
    const end = push(says(' a xylo') + says('phone '));
    expect(textOf(end)).toBe(' a ');
    expect(end).toContain('"finish_reason":"content_filter"');
    expect(run.refusal?.code).toBe('GW_GUARDRAIL_BLOCKED');
    expect(textOf(push(says(' and more') + event({}, 'stop') + DONE))).toBe('');
  });

  it('says what the whole would have become, wherever it is cut', () => {
    const pieces = fc.constantFrom(
      'zebra',
      ' crossing',
      'xylo',
      'phone',
      ' ',
      'the gate',
      'z',
      'x',
      '"',
      '\n',
      'é',
      '😀',
      ' zebra crossing ',
    );
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 14 }),
        cuts,
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (said, sizes, reads) => {
          const { relay, written, guard } = setUp();
          const text = said.join('');
          const expected = redact(text, guard.finder!, () => '[KEYWORD]');
          let stream = event({ role: 'assistant', content: '' });
          for (let at = 0, turn = 0; at < text.length; turn++) {
            const size = sizes[turn % sizes.length]!;
            stream += says(text.slice(at, at + size));
            at += size;
          }
          const bytes = Buffer.from(stream + event({}, 'stop') + USAGE + DONE);
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = reads[turn % reads.length]!;
            relay.data(bytes.subarray(at, at + size));
            at += size;
            expect(expected.startsWith(textOf(written.join('')))).toBe(true);
          }
          const all = written.join('');
          expect(textOf(all)).toBe(expected);
          expect(all.endsWith(DONE)).toBe(true);
          expect(all).toContain('"finish_reason":"stop"');
          expect(relay.facts.usage?.output).toBe(2);
        },
      ),
      { numRuns: 400 },
    );
  });
});
