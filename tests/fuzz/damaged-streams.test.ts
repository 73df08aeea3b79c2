// Whatever happens to one event of a stream, its client has all content or an error: never a clean end with something
// missing. Every recorded stream, every event of it, damaged, dropped, doubled or swapped in turn, as it comes and
// translated.
//
// What nobody can notice, because no rule of the dialects tells of it:
// - a piece of text, reasoning or of a signature is gone: nothing says how much there should be;
// - the last tool call of several (behind text also the first), or all arguments of a call, came in the one event that
//   is gone;
// - a piece is gone from the arguments of a call that a limit of tokens cuts short: they are no JSON anyway;
// - an upstream calls each piece the last one, and closes properly behind any of them;
// - a byte of a field's name is another: a vendor's own field may be named so;
// - pieces of text changed places: nothing is missing, but it reads differently;
// - a proof changed places with what stands behind the text: Messages has no place for one there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dialect, DialectName } from '../../src/contracts/dialect.ts';
import { dialects } from '../../src/registry/dialects.ts';
import { type Heard, hear, missing } from '../kit/heard.ts';
import { relayStream } from '../kit/relay-stream.ts';

const CONTEXT = { requestId: 'req_1', model: 'm', now: 1_760_000_000, includeUsage: true };
const RECORDED = join(import.meta.dirname, '../golden/recorded');

interface Recording {
  from: Dialect;
  name: string;
  events: string[];
}

function recordings(name: DialectName): Recording[] {
  const files = readdirSync(join(RECORDED, name)).sort();
  return files.map((file) => {
    const text = readFileSync(join(RECORDED, name, file), 'utf8');
    return { from: dialects[name], name: `${name}/${file}`, events: text.match(/[\s\S]*?\r?\n\r?\n/g) ?? [] };
  });
}

// Frames have check sums of their own: src/wire/event-stream.test.ts damages them bit by bit.
const ALL = (readdirSync(RECORDED) as DialectName[])
  .filter((name) => dialects[name].chat.framing.name === 'sse')
  .sort()
  .flatMap(recordings);
/** What is damaged is noticed by the reader of a stream, whoever it is written for: one other dialect is enough. */
const other = ({ name }: Dialect): Dialect =>
  name === 'openai-chat' ? dialects.anthropic : dialects['openai-chat'];
const WAYS = ALL.flatMap((recording) =>
  [recording.from, other(recording.from)]
    // More than one answer cannot be translated.
    .filter((to) => to === recording.from || !recording.name.includes('two-choices'))
    .map((to) => ({ ...recording, to, way: `${recording.name} to ${to.name}` })),
);
type Way = (typeof WAYS)[number];

function relay({ from, to }: Way, chunks: readonly Buffer[]): Heard {
  return hear(relayStream(chunks, from, to, CONTEXT).text, to.name);
}

const separate = (events: readonly string[]): Buffer[] => events.map((event) => Buffer.from(event));

/** Fails unless the damaged stream ended in an error or lacks nothing. */
function check(way: Way, chunks: readonly Buffer[], whole: Heard, what: string): void {
  const heard = relay(way, chunks);
  const lacks = missing(heard, whole);
  if (heard.clean) expect(lacks, `${way.way}: ${what}`).toEqual([]);
}

/** Whether the proof in one of the events comes behind all text when they change places, for a client that cannot be told so. */
function provesLate({ from, to, events }: Way, one: number, other: number): boolean {
  const lastText = events.findLastIndex((event) => /"content":"[^"]/.test(event));
  return from !== to && to.name === 'anthropic' && events[one]!.includes('"signature":') && other > lastText;
}

/** Whether the event is a piece of text or the like, and says nothing else. */
function isPiece(event: string): boolean {
  if (/"type":"(?:text|thinking|signature)_delta"/.test(event)) return true;
  if (/"type":"(?:content|tool-plan)-delta"/.test(event)) return true;
  if (/"parts": ?\[\{"text"/.test(event)) return !/"finishReason"/.test(event);
  return (
    /"(?:content|reasoning_content|reasoning|refusal|reasoning_details)":/.test(event) &&
    !/"finish_reason":"/.test(event)
  );
}

/** Whose loss leaves a stream that is right in all it says. */
const UNNOTICED = [
  'openai-chat/whole-tools.sse 2',
  'openai-chat/tool-cut-short.sse 3',
  'openai-chat/finish-on-each.sse 0',
  'openai-chat/finish-on-each.sse 1',
  'openai-chat/finish-on-each.sse 2',
  'anthropic/tool-cut-short.sse 3',
  'cohere/cut-short.sse 5',
  'cohere/tools.sse 8',
  'gemini/parallel-tools.sse 1',
  'gemini/signed-tool.sse 1',
];

describe.each(WAYS)('$way', (way) => {
  const { events } = way;
  const whole = relay(way, separate(events));

  it('is whole when nothing happens to it, wherever it is cut', () => {
    expect(whole.clean).toBe(true);
    const bytes = Buffer.from(events.join(''));
    for (let size = 1; size < 20; size += 3) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      expect(relay(way, chunks)).toEqual(whole);
    }
    expect(relay(way, [bytes])).toEqual(whole);
  });

  it('is whole without the last line end', () => {
    const last = events.at(-1)!.trimEnd();
    expect(relay(way, separate([...events.slice(0, -1), last]))).toEqual(whole);
    expect(relay(way, separate([...events.slice(0, -1), `${last}\n`]))).toEqual(whole);
  });

  it('lacks nothing, or ends in an error, when one event is dropped', () => {
    events.forEach((event, at) => {
      if (isPiece(event) || UNNOTICED.includes(`${way.name} ${at}`)) return;
      check(way, separate(events.toSpliced(at, 1)), whole, `without ${event}`);
    });
  });

  it('lacks nothing, or ends in an error, when one event comes twice', () => {
    events.forEach((event, at) => {
      check(way, separate(events.toSpliced(at, 0, event)), whole, `twice ${event}`);
    });
  });

  it('lacks nothing, or ends in an error, when two events change places', () => {
    for (let one = 0; one < events.length; one++) {
      for (let other = one + 1; other < events.length; other++) {
        if (provesLate(way, one, other)) continue;
        const swapped = events.with(one, events[other]!).with(other, events[one]!);
        check(way, separate(swapped), whole, `${events[one]} for ${events[other]}`);
        check(way, [Buffer.from(swapped.join(''))], whole, `at once ${events[one]} for ${events[other]}`);
      }
    }
  });

  it('lacks nothing, or ends in an error, when one event breaks off', () => {
    events.forEach((event, at) => {
      const bytes = Buffer.from(event);
      const end = event.endsWith('\r\n\r\n') ? '\r\n\r\n' : '\n\n';
      for (let length = 1; length < bytes.length - end.length; length++) {
        const cut = Buffer.concat([bytes.subarray(0, length), Buffer.from(end)]);
        check(way, separate(events).with(at, cut), whole, `cut at ${length}: ${event}`);
      }
    });
  });

  it('lacks nothing, or ends in an error, when the stream breaks off', () => {
    if (way.name.endsWith('finish-on-each.sse')) return;
    events.forEach((event, at) => {
      const bytes = Buffer.from(event);
      for (let length = 0; length < bytes.length; length += 5) {
        const chunks = [...separate(events.slice(0, at)), bytes.subarray(0, length)];
        check(way, chunks, whole, `broken off at ${length} of ${event}`);
      }
    });
  });

  it('lacks nothing, or ends in an error, when bytes of one event are lost or others come instead', () => {
    const junk = ['', '\n', '\n\n', '\u0000', '\ufffd', '}', '"', 'null', ', ', '{', '<html>', '�'];
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(8), fc.constantFrom(...junk), (which, where, count, other) => {
        const at = which % events.length;
        const event = events[at]!;
        // Words themselves may change unnoticed: what is damaged is what stands around them.
        const from = where % event.length;
        if (inWords(event, from, from + count)) return;
        const damaged = event.slice(0, from) + other + event.slice(from + count);
        check(way, separate(events.with(at, damaged)), whole, `${event} became ${damaged}`);
      }),
      { numRuns: 300 },
    );
  });
});

/** Whether the damage hits a text that may be any text, a name that a vendor may have made up, or what makes it a thought. */
function inWords(event: string, from: number, to: number): boolean {
  for (const match of event.matchAll(/(?:"thought": ?true|"(?:[^"\\]|\\.)*")/g)) {
    if (from <= match.index + match[0].length && to >= match.index) return true;
  }
  return false;
}
