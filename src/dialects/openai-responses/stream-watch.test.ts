import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mockResponses } from '../../../tests/kit/mock-responses.ts';
import { makePlan, Script } from '../../../tests/kit/mock-script.ts';
import type { EventVerdict, StreamWatcher } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import { createWatcher } from './stream-watch.ts';

type Event = [name: string, data: string];

function eventsOf(model: string): Event[] {
  const plan = makePlan(new Script(model), model, {}, 1);
  return mockResponses.events(plan, { includeUsage: true }).map(({ text }): Event => {
    const [, name, data] = /^event: (.*)\ndata: (.*)\n\n$/.exec(text)!;
    return [name!, data!];
  });
}

/** What each event is, up to the first that is refused. */
function watched(
  events: readonly Event[],
  watcher: StreamWatcher = createWatcher(),
): (EventVerdict | string)[] {
  const verdicts: (EventVerdict | string)[] = [];
  for (const [name, data] of events) {
    try {
      verdicts.push({ ...watcher.watch(name, data) });
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return [...verdicts, error.code];
    }
  }
  return verdicts;
}

const isDamage = (verdicts: readonly (EventVerdict | string)[]): boolean =>
  verdicts.at(-1) === 'GW_UPSTREAM_BAD_OUTPUT';
const withData = ([name]: Event, data: object): Event => [name, JSON.stringify(data)];
const parsed = ([, data]: Event): Record<string, unknown> => JSON.parse(data) as Record<string, unknown>;

describe('watching a Responses stream', () => {
  test('a whole stream passes untouched, ends with its terminal event, and tells usage, stop, model and id', () => {
    const watcher = createWatcher();
    const events = eventsOf('thinking+tools+with-text+cached');
    const verdicts = watched(events, watcher);
    expect(verdicts.slice(0, -1).every((each) => typeof each === 'object' && each.verdict === 'pass')).toBe(
      true,
    );
    expect(verdicts.at(-1)).toEqual({ verdict: 'end', content: false, instead: null });
    expect(watcher).toMatchObject({ complete: true, ended: true });
    expect(watcher.facts).toMatchObject({
      id: 'resp_mock1',
      model: 'thinking+tools+with-text+cached',
      stop: 'tool_use',
      usage: { input: 2048, cacheRead: 1024, cacheWriteShort: 512 },
    });
    expect(watcher.closing()).toBe('');
  });

  test('deltas and calls are content, what only opens is not', () => {
    const events = eventsOf('tools+with-text');
    const content = watched(events).map((each) => typeof each === 'object' && each.content);
    const names = events.map(([name]) => name);
    expect(content[names.indexOf('response.created')]).toBe(false);
    expect(content[names.indexOf('response.content_part.added')]).toBe(false);
    expect(content[names.indexOf('response.output_text.delta')]).toBe(true);
    expect(content[names.lastIndexOf('response.output_item.added')]).toBe(true);
  });

  test('an event that is gone, or comes twice, is noticed wherever it stood', () => {
    const events = eventsOf('thinking+tools+with-text');
    for (let at = 1; at < events.length - 1; at++) {
      expect(isDamage(watched(events.toSpliced(at, 1)))).toBe(true);
      expect(isDamage(watched(events.toSpliced(at, 0, events[at]!)))).toBe(true);
    }
  });

  test('without numbers a text that lacks a piece, an item without its beginning or its end are noticed', () => {
    const bare = eventsOf('tools+with-text').map((event) => {
      const { sequence_number: _, ...rest } = parsed(event);
      return withData(event, rest);
    });
    expect(watched(bare).at(-1)).toMatchObject({ verdict: 'end' });
    for (const name of [
      'response.created',
      'response.output_text.delta',
      'response.function_call_arguments.delta',
      'response.output_item.added',
      'response.output_item.done',
    ]) {
      const at = bare.findIndex((event) => event[0] === name && parsed(event)['delta'] !== '');
      expect(isDamage(watched(bare.toSpliced(at, 1))), name).toBe(true);
    }
  });

  test('a changed character of a delta is noticed when its text is done', () => {
    const events = eventsOf('text:20');
    const at = events.findIndex((event) => parsed(event)['delta'] === ' t7');
    const changed = events.with(at, withData(events[at]!, { ...parsed(events[at]!), delta: ' t8' }));
    expect(isDamage(watched(changed))).toBe(true);
  });

  test('servers that write the same number into each event are taken as not counting', () => {
    const events = eventsOf('text:5').map((event) =>
      withData(event, { ...parsed(event), sequence_number: 0 }),
    );
    expect(watched(events).at(-1)).toMatchObject({ verdict: 'end' });
  });

  test('deltas with escapes, other padding and white space in them are read as the JSON they are', () => {
    const texts = fc.array(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(texts, fc.boolean(), (pieces, spaced) => {
        const plan = makePlan(new Script('ok'), 'ok', {}, 1);
        const events = mockResponses.events({ ...plan, text: pieces }, { includeUsage: true });
        const list = events.map(({ text }): Event => {
          const [, name, data] = /^event: (.*)\ndata: (.*)\n\n$/s.exec(text)!;
          return [name!, spaced ? data!.replace('"delta":"', '"delta": "') : data!];
        });
        expect(watched(list).at(-1)).toMatchObject({ verdict: 'end' });
        const first = list.findIndex(([name]) => name === 'response.output_text.delta');
        expect(isDamage(watched(list.toSpliced(first + 1, 1)))).toBe(true);
      }),
    );
  });

  test('an event without a name gets it, since SDKs choose by it', () => {
    const watcher = createWatcher();
    const [[name, data]] = eventsOf('ok') as [Event];
    expect(watcher.watch('', data).instead?.toString()).toBe(`event: ${name}\ndata: ${data}\n\n`);
  });

  test('a sentinel before the end cuts the stream, and behind it is not the client’s', () => {
    const cut = createWatcher();
    watched(eventsOf('ok').slice(0, 5), cut);
    expect(cut.watch('', '[DONE]')).toMatchObject({ verdict: 'hide' });
    expect(cut).toMatchObject({ complete: false, ended: true });
    const whole = createWatcher();
    watched(eventsOf('ok'), whole);
    expect(whole.watch('', '[DONE]')).toMatchObject({ verdict: 'hide' });
    expect(whole.complete).toBe(true);
  });

  test('a failure is a fault with its own words, in each way it is told', () => {
    const failed = {
      response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow.' } },
    };
    const told = [
      { type: 'response.failed', ...failed },
      { type: 'error', code: 'rate_limit_exceeded', message: 'Slow.', param: null },
      { type: 'error', error: { type: 'tokens', code: 'rate_limit_exceeded', message: 'Slow.' } },
    ];
    for (const event of told) {
      let fault: GatewayError | null = null;
      try {
        createWatcher().watch(event.type, JSON.stringify(event));
      } catch (error) {
        fault = error as GatewayError;
      }
      expect(fault).toMatchObject({
        code: 'GW_UPSTREAM_RATE_LIMIT',
        fault: { dialect: 'openai-responses', status: 429, message: 'Slow.' },
      });
      expect(fault!.fault!.body!.toString()).toBe(JSON.stringify(event));
    }
  });

  test('an answer that was cut short says why', () => {
    const limited = createWatcher();
    watched(eventsOf('finish:max_output_tokens'), limited);
    expect(limited.facts.stop).toBe('max_tokens');
    const filtered = createWatcher();
    watched(eventsOf('finish:content_filter'), filtered);
    expect(filtered.facts.stop).toBe('content_filter');
  });
});
