import { describe, expect, it } from 'vitest';
import type { ChatAnswer, Delta } from '../contracts/chat.ts';
import type { GuardrailConfig } from '../contracts/guardrail.ts';
import { DEFAULT_GUARDRAIL } from '../config/schema/defaults.ts';
import { deltasOf } from '../pipeline/answer/answer-stream.ts';
import { filterAnswer } from '../pipeline/answer/filter-deltas.ts';
import { compileGuard } from './guard.ts';
import { SchemaBook } from './json-schema.ts';
import { OutputFilter } from './output-filter.ts';
import { Placeholders } from './placeholders.ts';
import { GuardRun } from './run.ts';

function guardrail(changes: Partial<GuardrailConfig>): GuardrailConfig {
  return {
    ...DEFAULT_GUARDRAIL,
    name: 'test',
    on: ['input', 'output'],
    when: {},
    checks: [{ type: 'pii', entities: ['email'] }],
    ...changes,
  };
}

function runOf(...changes: Partial<GuardrailConfig>[]): GuardRun {
  const schemas = new SchemaBook();
  return new GuardRun({
    guards: changes.map((change) => compileGuard(guardrail(change), schemas)),
    placeholders: new Placeholders(Buffer.alloc(32, 1), 'me'),
    schema: null,
  });
}

const REDACT = { action: 'redact' as const };
const usage = { input: 3, output: 5, cacheRead: null, cacheWrite: null, reasoning: null };

function answer(text: string, more: Partial<ChatAnswer> = {}): ChatAnswer {
  return {
    id: 'a',
    model: 'm',
    created: 1,
    parts: [{ kind: 'text', text, cache: null }],
    stop: 'end',
    stopSequence: null,
    // The shape is the neutral one's; what else it may hold is not looked at here.
    usage: usage as unknown as ChatAnswer['usage'],
    ...more,
  };
}

/** The deltas of an answer, each text of it in pieces of `size`. */
function inPieces(whole: ChatAnswer, size: number): Delta[] {
  return deltasOf(whole).flatMap((delta): Delta[] => {
    if (delta.kind !== 'text' && delta.kind !== 'arguments') return [delta];
    const pieces: Delta[] = [];
    for (let at = 0; at < delta.text.length; at += size)
      pieces.push({ kind: delta.kind, index: delta.index, text: delta.text.slice(at, at + size) });
    return pieces;
  });
}

function through(run: GuardRun, deltas: readonly Delta[]): Delta[] {
  const out: Delta[] = [];
  const filter = new OutputFilter(run, null);
  for (const delta of deltas) {
    if (delta.kind === 'end') filter.end((one) => out.push(one));
    if (delta.kind === 'end') out.push(delta);
    else filter.take(delta, (one) => out.push(one));
  }
  return out;
}

const textOf = (deltas: readonly Delta[], index = 0): string =>
  deltas.map((delta) => (delta.kind === 'text' && delta.index === index ? delta.text : '')).join('');

describe('an answer through guardrails', () => {
  it.each([1, 2, 3, 7, 100])(
    'is redacted alike in pieces of %i and whole; usage and stop are kept',
    (size) => {
      const said = answer('Write to ada@example.com, or to bob@example.org.');
      const whole = filterAnswer(said, [new OutputFilter(runOf(REDACT), null)]);
      const run = runOf(REDACT);
      const deltas = through(run, inPieces(said, size));
      expect(textOf(deltas)).toBe('Write to [EMAIL], or to [EMAIL].');
      expect(whole.parts).toMatchObject([{ text: 'Write to [EMAIL], or to [EMAIL].' }]);
      expect(deltas).toContainEqual({ kind: 'stop', reason: 'end', stopSequence: null });
      expect(deltas).toContainEqual({ kind: 'usage', usage });
      expect(whole.usage).toEqual(usage);
      expect(run.outcomes).toEqual([{ name: 'test', at: 'answer', action: 'mask' }]);
    },
  );

  it('keeps several choices apart, and each its own stop', () => {
    const said = answer('one ada@example.com', {
      others: [
        { parts: [{ kind: 'text', text: 'two', cache: null }], stop: 'max_tokens' },
        { parts: [{ kind: 'text', text: 'three bob@example.com', cache: null }], stop: 'end' },
      ],
    });
    const filtered = filterAnswer(said, [new OutputFilter(runOf(REDACT), null)]);
    expect(filtered).toMatchObject({
      parts: [{ text: 'one [EMAIL]' }],
      stop: 'end',
      others: [
        { parts: [{ text: 'two' }], stop: 'max_tokens' },
        { parts: [{ text: 'three [EMAIL]' }], stop: 'end' },
      ],
    });
  });

  it('that is refused ends before what was found, with its dialect’s own stop and its usage', () => {
    const run = runOf({ action: 'block' });
    const deltas = through(run, inPieces(answer('All is well. ada@example.com is here, and more.'), 4));
    expect(textOf(deltas)).toBe('All is well. ');
    const kinds = deltas.map(({ kind }) => kind).filter((kind) => kind !== 'text');
    expect(kinds).toEqual(['start', 'open', 'close', 'stop', 'usage', 'end']);
    expect(deltas.find(({ kind }) => kind === 'stop')).toMatchObject({ reason: 'content_filter' });
    expect(run.refusal?.code).toBe('GW_GUARDRAIL_BLOCKED');
    expect(run.outcomes).toEqual([{ name: 'test', at: 'answer', action: 'block' }]);
  });

  it('of which one choice is refused goes on with the others', () => {
    const said = answer('fine', {
      others: [{ parts: [{ kind: 'text', text: 'ada@example.com', cache: null }], stop: 'end' }],
    });
    const run = runOf({ action: 'block' });
    const filtered = filterAnswer(said, [new OutputFilter(run, null)]);
    expect(filtered).toMatchObject({ parts: [{ text: 'fine' }], stop: 'end' });
    expect(filtered.others).toMatchObject([{ parts: [{ text: '' }], stop: 'content_filter' }]);
    expect(run.refusal).toBeNull();
  });

  it('is flagged and not changed', () => {
    const run = runOf({ action: 'flag' });
    expect(textOf(through(run, inPieces(answer('ada@example.com'), 3)))).toBe('ada@example.com');
    expect(run.outcomes).toEqual([{ name: 'test', at: 'answer', action: 'flag' }]);
  });

  it('has its tool arguments redacted as JSON, numbers too', () => {
    const run = runOf({ action: 'redact', checks: [{ type: 'pii' }] });
    const said = answer('', {
      parts: [
        {
          kind: 'tool_call',
          id: 't',
          name: 'pay',
          arguments: '{"to":"ada@example.com","card":4111111111111111,"n":[1, 4111111111111111]}',
          cache: null,
        },
      ],
    });
    for (const size of [1, 5, 200]) {
      const deltas = through(run, inPieces(said, size));
      const text = deltas.map((delta) => (delta.kind === 'arguments' ? delta.text : '')).join('');
      expect(JSON.parse(text)).toEqual({ to: '[EMAIL]', card: '[CARD]', n: [1, '[CARD]'] });
    }
  });

  it('calls no tool that may not be called', () => {
    const run = runOf({ on: ['tool_call'], checks: [{ type: 'tools', deny: ['shell', 'rm_*'] }] });
    const said = answer('', {
      parts: [{ kind: 'tool_call', id: 't', name: 'rm_all', arguments: '{}', cache: null }],
    });
    const deltas = through(run, deltasOf(said));
    expect(deltas.some(({ kind }) => kind === 'open' || kind === 'arguments')).toBe(false);
    expect(deltas.find(({ kind }) => kind === 'stop')).toMatchObject({ reason: 'content_filter' });
  });

  it('waits for the end of a text whose whole is judged', () => {
    const run = runOf({ checks: [{ type: 'length', maxChars: 10 }] });
    const deltas = through(run, inPieces(answer('far more than ten'), 4));
    expect(textOf(deltas)).toBe('');
    expect(run.refusal).not.toBeNull();
    expect(
      textOf(through(runOf({ checks: [{ type: 'length', maxChars: 10 }] }), inPieces(answer('short'), 2))),
    ).toBe('short');
  });

  it('that is not what a schema asks for is to be made once more', () => {
    const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } };
    const retry = {
      action: 'retry' as const,
      on: ['output' as const],
      checks: [{ type: 'schema' as const, schema }],
    };
    const good = runOf(retry);
    through(good, inPieces(answer('```json\n{"n": 1}\n```'), 3));
    expect(good.retry).toBeNull();
    const bad = runOf(retry);
    through(bad, inPieces(answer('{"n": "one"}'), 3));
    expect(bad.retry?.reason).toContain('/n');
  });

  it('turns placeholders of its request back, in text and arguments cut anywhere, and not in reasoning', () => {
    for (let size = 1; size < 30; size++) {
      const run = runOf({ action: 'redact', on: ['input'] });
      const name = run.placeholders.of('EMAIL', 'ada "the first"@example.com');
      const said = answer('', {
        parts: [
          { kind: 'reasoning', text: `about ${name}`, signature: 's', redacted: null },
          { kind: 'text', text: `To ${name}: [EMAIL_00000000] [x] [`, cache: null },
          { kind: 'tool_call', id: 't', name: 'send', arguments: `{"to":"${name}"}`, cache: null },
        ],
      });
      const deltas = through(run, inPieces(said, size));
      expect(textOf(deltas, 0)).toBe(`about ${name}`);
      expect(textOf(deltas, 1)).toBe('To ada "the first"@example.com: [EMAIL_00000000] [x] [');
      const text = deltas.map((delta) => (delta.kind === 'arguments' ? delta.text : '')).join('');
      expect(JSON.parse(text)).toEqual({ to: 'ada "the first"@example.com' });
    }
  });

  it('tells no probabilities of tokens that were replaced', () => {
    const run = runOf(REDACT);
    const out = through(run, [
      { kind: 'open', index: 0, block: 'text' },
      {
        kind: 'text',
        index: 0,
        text: 'ada@example.com ',
        logprobs: [{ token: 'ada@example.com', logprob: 0, bytes: null, top: [] }],
      },
      { kind: 'close', index: 0 },
    ]);
    expect(JSON.stringify(out)).not.toContain('ada@');
  });

  it('goes through as it came where nothing looks at it', () => {
    const run = runOf({ on: ['input'], action: 'block' });
    const deltas = inPieces(answer('ada@example.com'), 3);
    expect(through(run, deltas)).toEqual(deltas);
  });
});
