// The other dialects' streams behind a filter; what all have in common: filtered-relay.test.ts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DialectName } from '../../contracts/dialect-name.ts';
import { redact } from '../../guardrails/redactor.ts';
import { filteredRelay } from './filtered-relay.fixture.ts';
import { FilteredRelay } from './filtered-relay.ts';
import { gatherStream } from './gather-stream.ts';

/** One answer of one text, as a vendor streams it. */
interface Script {
  begin(): string;
  says(text: string): string;
  /** @param text all of it. */
  end(text: string): string;
}

const named = (type: string, more: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

function anthropic(): Script {
  const delta = (text: string): object => ({ index: 0, delta: { type: 'text_delta', text } });
  return {
    begin: () =>
      named('message_start', {
        message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], usage: {} },
      }) + named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    says: (text) => named('content_block_delta', delta(text)),
    end: () =>
      named('content_block_stop', { index: 0 }) +
      named('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }) +
      named('message_stop', {}),
  };
}

function gemini(): Script {
  let count = 0;
  const message = (text: string, finish: object): string => {
    const content = { parts: [{ text }], role: 'model' };
    const usageMetadata = { promptTokenCount: 1, candidatesTokenCount: ++count };
    return `data: ${JSON.stringify({ candidates: [{ content, index: 0, ...finish }], usageMetadata, modelVersion: 'm', responseId: 'r' })}\n\n`;
  };
  return {
    begin: () => '',
    says: (text) => message(text, {}),
    end: () => {
      count = 1;
      return message('', { finishReason: 'STOP' });
    },
  };
}

function responses(): Script {
  let number = 0;
  const event = (type: string, more: object): string =>
    named(`response.${type}`, { sequence_number: number++, ...more });
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
  const response = (status: string, output: object[]): object => ({
    response: { id: 'resp_1', object: 'response', model: 'm', status, output, usage: { output_tokens: 2 } },
  });
  const part = (text: string): object => ({ type: 'output_text', annotations: [], text });
  const item = (...content: object[]): object => ({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content,
  });
  return {
    begin: () =>
      event('created', response('in_progress', [])) +
      event('output_item.added', { output_index: 0, item: item() }) +
      event('content_part.added', { ...place, part: part('') }),
    says: (delta) => event('output_text.delta', { ...place, delta, logprobs: [] }),
    end: (text) =>
      event('output_text.done', { ...place, text }) +
      event('content_part.done', { ...place, part: part(text) }) +
      event('output_item.done', { output_index: 0, item: item(part(text)) }) +
      event('completed', response('completed', [item(part(text))])),
  };
}

const SCRIPTS: readonly (readonly [name: DialectName, script: () => Script])[] = [
  ['anthropic', anthropic],
  ['gemini', gemini],
  ['openai-responses', responses],
];

function setUp(name: DialectName) {
  const { dialect, relay, push, guard, written } = filteredRelay(name);
  const answer = () =>
    gatherStream(Buffer.from(written.join('')), dialect.chat.framing, dialect.chat.createDecoder());
  return { relay, push, guard, answer };
}

describe.each(SCRIPTS)('a stream of %s that a filter stands in', (name, script) => {
  it('says what the whole would have become, wherever it is cut', () => {
    const pieces = fc.constantFrom('zebra', ' crossing', 'xylo', 'phone', 'the gate', 'z', '"', '\n', '😀');
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.array(pieces, { minLength: 1, maxLength: 14 }),
        cuts,
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
        (said, sizes, reads) => {
          const { relay, guard, answer } = setUp(name);
          const { begin, says, end } = script();
          const text = said.join('');
          let stream = begin();
          for (let at = 0, turn = 0; at < text.length; turn++) {
            const size = sizes[turn % sizes.length]!;
            stream += says(text.slice(at, at + size));
            at += size;
          }
          const bytes = Buffer.from(stream + end(text));
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = reads[turn % reads.length]!;
            relay.data(bytes.subarray(at, at + size));
            at += size;
          }
          if (!relay.finished) relay.ended();
          // Its own reader finds nothing missing: numbers, blocks, items, texts that add up.
          const { parts, stop, usage } = answer();
          expect(parts.map((part) => (part.kind === 'text' ? part.text : part.kind)).join('')).toBe(
            redact(text, guard.finder!, () => '[KEYWORD]'),
          );
          expect([stop, usage?.output]).toEqual(['end', 2]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe.each(SCRIPTS.filter(([name]) => name !== 'openai-responses'))(
  'a stream of %s that a filter stands in',
  (name, script) => {
    it('goes on in its own bytes once its kind is known, and where nothing may begin', () => {
      const { relay, push } = setUp(name);
      const { begin, says } = script();
      expect(relay).toBeInstanceOf(FilteredRelay);
      // The first opens its block, or is what the others are compared with.
      push(begin() + says('zero') + says('one'));
      for (const text of [' two', ' "three"', '\nfour']) {
        const event = says(text);
        expect(push(event)).toBe(event);
      }
      const both = says(' five') + says(' seven');
      expect(push(both)).toBe(both);
      expect(push(says(' ze'))).not.toContain('ze');
      expect(push(says('ro'))).toContain('zero');
      const more = says(' more');
      expect(push(more)).toBe(more);
    });

    it('is written anew where its events hold what is looked for beside their text', () => {
      const { push } = setUp(name);
      const { begin, says } = script();
      const noted = (text: string): string => says(text).replace('data: {', 'data: {"note":"a xylophone",');
      const out = push(begin() + noted('one') + noted(' two') + noted(' three'));
      expect(out).toContain(' three');
      expect(out).not.toContain('xylophone');
    });
  },
);

it('a stream of Messages is written anew where its blocks have other numbers', () => {
  const { push } = setUp('anthropic');
  const { begin } = anthropic();
  // What the provider's own tools did has no place in the neutral form: blocks behind it are numbered anew.
  const [start, text] = begin().split(/(?=event: content_block_start)/) as [string, string];
  const tool = named('content_block_start', {
    index: 0,
    content_block: { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
  });
  const says = (said: string): string =>
    named('content_block_delta', { index: 1, delta: { type: 'text_delta', text: said } });
  push(
    start +
      tool +
      named('content_block_stop', { index: 0 }) +
      text.replace('"index":0', '"index":1') +
      says('a'),
  );
  const out = push(says('b') + says('c'));
  expect(out.match(/"index":(\d)/g)).toEqual(['"index":0', '"index":0']);
});
