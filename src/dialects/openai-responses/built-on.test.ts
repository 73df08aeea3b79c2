import { describe, expect, test } from 'vitest';
import { mockResponses } from '../../../tests/kit/mock-responses.ts';
import { makePlan, Script } from '../../../tests/kit/mock-script.ts';
import type { KeptTurn } from '../../contracts/responses.ts';
import { answerBuiltOn } from './built-on.ts';
import { chat } from './chat.ts';

const turn = (more: Partial<KeptTurn> = {}): KeptTurn => ({
  id: 'resp_ours',
  previous: null,
  conversation: null,
  background: false,
  behind: null,
  chain: [],
  input: '[]',
  answer: null,
  ...more,
});
const plan = makePlan(new Script('ok'), 'ok', {}, 1);
const whole = '{"id":"resp_1","big":12345678901234567890,"previous_response_id":null,"output":[]}';

/** What a client gets of the mock's stream, event by event. */
function relayed(kept: KeptTurn): { type: string; response?: Record<string, unknown> }[] {
  const watcher = chat.createWatcher({ kept, builtOn: kept });
  return mockResponses.events(plan, { includeUsage: true }).map(({ text }) => {
    const [, name, data] = /^event: (.*)\ndata: (.*)\n\n$/.exec(text)!;
    const { instead } = watcher.watch(name!, data!);
    return JSON.parse(instead === null ? data! : /^event: .*\ndata: (.*)\n\n$/.exec(instead.toString())![1]!);
  });
}

describe('a response whose upstream was not told what it goes on from', () => {
  test('says it when it is whole, and else stays as it was', () => {
    expect(answerBuiltOn(Buffer.from(whole), turn({ previous: 'resp_0' }))).toBe(
      whole.replace('null', '"resp_0"'),
    );
    expect(answerBuiltOn(Buffer.from(whole), turn({ conversation: 'conv_1' }))).toBe(
      whole.replace('}', ',"conversation":{"id":"conv_1"}}'),
    );
  });

  test('says it in every event that holds it, and is kept so', () => {
    const kept = turn({ previous: 'resp_0' });
    const holding = relayed(kept).filter(({ response }) => response !== undefined);
    expect(holding.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.completed',
    ]);
    expect(holding.map(({ response }) => response!['previous_response_id'])).toEqual(Array(3).fill('resp_0'));
    expect(JSON.parse(String(kept.answer)).response.previous_response_id).toBe('resp_0');
  });

  test('is left alone where there is nothing before it, or it says so by itself', () => {
    const watcher = chat.createWatcher({ kept: turn() });
    for (const { text } of mockResponses.events(plan, { includeUsage: true })) {
      const [, name, data] = /^event: (.*)\ndata: (.*)\n\n$/.exec(text)!;
      expect(watcher.watch(name!, data!).instead).toBeNull();
    }
    const said = whole.replace('null', '"resp_theirs"');
    expect(answerBuiltOn(Buffer.from(said), turn({ previous: 'resp_0' }))).toBeNull();
  });
});
