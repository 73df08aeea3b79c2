// The property that redaction of streams stands on, for any number of draws: whatever is said, by however many answers at once and
// wherever their texts are cut, nothing forbidden is ever written, and what is written is what the whole answer would have become.
import fc from 'fast-check';
import { DEFAULT_GUARDRAIL } from '../../config/schema/defaults.ts';
import type { ChatAnswer, Delta } from '../../contracts/chat.ts';
import type { GuardrailConfig } from '../../contracts/guardrail.ts';
import { deltasOf } from '../answer/answer-stream.ts';
import { filterAnswer } from '../answer/filter-deltas.ts';
import { compileGuard } from '../../guardrails/guard.ts';
import { SchemaBook } from '../../guardrails/json-schema.ts';
import { OutputFilter } from '../../guardrails/output-filter.ts';
import { Placeholders } from '../../guardrails/placeholders.ts';
import { GuardRun } from '../../guardrails/run.ts';

const FORBIDDEN = [
  'ada@example.com',
  'bob.b+news@mail.example.org',
  'sk-proj-abcdefghijklmnop1234567890',
  'AKIAIOSFODNN7EXAMPLE',
  '4111 1111 1111 1111',
  '4111111111111111',
  'DE89 3704 0044 0532 0130 00',
  'GB82WEST12345698765432',
  '078-05-1120',
  '+49 170 1234567',
  '192.168.17.254',
  'fe80:0:0:0:202:b3ff:fe1e:8329',
  'proj-4711-x',
  'Project Nightingale',
  'ghp_abcdefghijklmnopqrstuvwxyz0123456789',
  'Zx9Qw3Er7Ty1Ui5Op2As8Df4Gh6Jk0',
];
const FILLERS = [
  'the gate',
  ' ',
  '. ',
  '\n',
  'at 12:30, ',
  'v1.2.3 ',
  'é😀',
  '',
  'a',
  '@',
  '-',
  '42',
  'sk-',
  'Project',
  '"',
  '4111',
];

const config: GuardrailConfig = {
  ...DEFAULT_GUARDRAIL,
  name: 'all',
  on: ['output'],
  when: {},
  action: 'redact',
  checks: [
    { type: 'secrets' },
    { type: 'pii' },
    { type: 'keywords', words: ['Project Nightingale'] },
    { type: 'regex', patterns: ['proj-[0-9]{4}-[a-z]'] },
  ],
};
/** What is looked for, and what of `FORBIDDEN` it is. */
export interface Sought {
  readonly checks: GuardrailConfig['checks'];
  readonly forbidden: readonly string[];
}

export const ALL: Sought = { checks: config.checks, forbidden: FORBIDDEN };
const WORDS = ['Project Nightingale', 'proj-4711-x', '4111 1111 1111 1111'];
/** Words alone: a text in which none begins goes on by itself. */
export const WORDS_ALONE: Sought = {
  checks: [{ type: 'keywords', words: WORDS, wholeWords: false }],
  forbidden: WORDS,
};

function filtersOf(checks: Sought['checks']): () => OutputFilter {
  const guard = compileGuard({ ...config, checks }, new SchemaBook());
  const placeholders = new Placeholders(Buffer.alloc(32, 1), 'me');
  return () => new OutputFilter(new GuardRun({ guards: [guard], placeholders, schema: null }), null);
}

const usage = {
  input: 3,
  output: 5,
  cacheRead: null,
  cacheWriteShort: null,
  cacheWriteLong: null,
  reasoning: null,
};
const piece = fc.oneof(
  fc.constantFrom(...FORBIDDEN),
  fc.constantFrom(...FILLERS),
  fc.string({ maxLength: 6 }),
);
const text = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(' '));

/** A stream of the answers: their deltas in order of each, drawn from in turn, texts cut at `cuts`. */
function streamed(answer: ChatAnswer, cuts: readonly number[], turns: readonly number[]): Delta[] {
  let cut = 0;
  const all = deltasOf(answer).flatMap((delta): Delta[] => {
    if (delta.kind !== 'text') return [delta];
    const pieces: Delta[] = [];
    for (let at = 0; at < delta.text.length; ) {
      const size = 1 + (cuts[cut++ % cuts.length]! % 9);
      pieces.push({ kind: 'text', index: delta.index, text: delta.text.slice(at, at + size) });
      at += size;
    }
    return pieces;
  });
  const lanes = new Map<number, Delta[]>();
  const head: Delta[] = [];
  const tail: Delta[] = [];
  for (const delta of all) {
    if ('index' in delta) lanes.set(delta.index, [...(lanes.get(delta.index) ?? []), delta]);
    else if (delta.kind === 'start') head.push(delta);
    else tail.push(delta);
  }
  const mixed: Delta[] = [];
  for (let turn = 0; [...lanes.values()].some((lane) => lane.length > 0); turn++) {
    const open = [...lanes.values()].filter((lane) => lane.length > 0);
    mixed.push(open[turns[turn % turns.length]! % open.length]!.shift()!);
  }
  return [...head, ...mixed, ...tail];
}

/** @throws what is wrong with it, with the smallest case. */
export function checkRedaction(numRuns: number, { checks, forbidden }: Sought = ALL): void {
  const filter = filtersOf(checks);
  const cuts = fc.array(fc.nat(), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), cuts, cuts, (texts, cutAt, turns) => {
      const [first, ...rest] = texts.map((said) => ({
        parts: [{ kind: 'text' as const, text: said, cache: null }],
        stop: 'end' as const,
      }));
      const whole: ChatAnswer = {
        id: 'a',
        model: 'm',
        created: 1,
        stopSequence: null,
        usage,
        ...first!,
        others: rest,
      };
      const expected = filterAnswer(whole, [filter()]);
      const out: Delta[] = [];
      const stream = filter();
      const written = new Map<number, string>();
      const put = (delta: Delta): void => {
        out.push(delta);
        if (delta.kind !== 'text') return;
        const now = (written.get(delta.index) ?? '') + delta.text;
        written.set(delta.index, now);
        for (const secret of forbidden)
          if (now.includes(secret)) throw new Error(`\`${secret}\` was written`);
      };
      for (const delta of streamed(whole, cutAt, turns)) {
        if (delta.kind === 'end') stream.end(put);
        // What may go on by itself does where it may.
        if (delta.kind === 'end') put(delta);
        else if (delta.kind === 'text' && stream.lets(delta.index, delta.text, null)) put(delta);
        else stream.take(delta, put);
      }
      const answers = [expected, ...(expected.others ?? [])];
      for (const [choice, { parts }] of answers.entries()) {
        const told = parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
        const opened = out.find((delta) => delta.kind === 'open' && (delta.choice ?? 0) === choice);
        const index = opened !== undefined && 'index' in opened ? opened.index : choice;
        if ((written.get(index) ?? '') !== told)
          throw new Error(`answer ${choice} is \`${written.get(index)}\` and not \`${told}\``);
      }
      const stops = out.filter((delta) => delta.kind === 'stop');
      if (stops.length !== texts.length) throw new Error(`${stops.length} ends of ${texts.length} answers`);
      if (!out.some((delta) => delta.kind === 'usage' && delta.usage.output === usage.output))
        throw new Error('the usage is lost');
    }),
    { numRuns },
  );
}
