// Scenarios of thinking: its text, and the proof of it that has to come back to who made it and to nobody else.
import { expect } from 'vitest';
import type { Cell } from './cell.ts';
import type { Answer, Ask } from './client.ts';
import { plainText } from './exchanges.ts';
import { time, weather } from './tools.ts';
import { upstreams } from './upstreams.ts';

export const proof = 'c2lnbmF0dXJlLW9mLXRoZS1tb2Nr';
/** As it is, and as base64 where only that is taken. */
const envelope = /hg1\.|cHJvb2Y6aGcx/;
const thought = 'Let me think about that first.';

export async function thinking(cell: Cell): Promise<void> {
  for (const answer of await cell.both(cell.ask('thinking', { thinking: true, maxTokens: 4_000 }))) {
    expect(answer.thinking).toBe(thought);
    expect(answer.text).toBe(plainText);
    expect(answer.stop).toBe(cell.client.stops.end);
    expect(answer.usage).toEqual({ input: 12, cached: 0, output: 14 });
  }
}

const script = 'thinking+parallel-tools';

function signed(cell: Cell): Ask {
  return cell.ask(script, { thinking: true, maxTokens: 4_000, tools: [weather, time] });
}

function next(ask: Ask, answer: Answer): Ask {
  const results = answer.calls.map(({ id, name }) => ({ id, name, text: '21 degrees' }));
  return { ...ask, turns: [...ask.turns, { role: 'said', answer }, { role: 'results', results }] };
}

export async function proofReturns(cell: Cell): Promise<void> {
  const ask = signed(cell);
  for (const answer of await cell.both(ask)) {
    expect(answer.proofs).toHaveLength(1);
    // Elsewhere it is in an envelope.
    if (cell.same) expect(answer.proofs).toEqual([proof]);
    else expect(answer.proofs).not.toEqual([proof]);
    for (const last of await cell.both(next(ask, answer)))
      expect(last.text).toBe('It is 21 degrees in Paris.');
    expect(cell.seen(script).proofs).toEqual([proof]);
    expect(cell.request(script).body.toString()).not.toMatch(envelope);
  }
}

/** Who gets the history that another one's model made. */
const stranger: Record<string, string> = { an: 'rs', rs: 'ge', ge: 'be', be: 'rs' };

export async function proofLeftOut(cell: Cell): Promise<void> {
  const other = upstreams.find(({ provider }) => provider === stranger[cell.upstream.provider])!;
  const ask = signed(cell);
  for (const answer of await cell.both(ask)) {
    const elsewhere = { ...next(ask, answer), model: cell.model('parallel-tools', other) };
    for (const last of await cell.both(elsewhere)) expect(last.text).toBe('It is 21 degrees in Paris.');
    const body = cell.request('parallel-tools').body.toString();
    expect(body).not.toMatch(envelope);
    expect(body).not.toContain(proof);
    expect(cell.seen('parallel-tools', other).calls.map(({ name }) => name)).toEqual([
      'get_weather',
      'get_time',
    ]);
  }
}

export async function redacted(cell: Cell): Promise<void> {
  const ask = cell.ask('redacted+thinking', { thinking: true, maxTokens: 4_000 });
  for (const answer of await cell.both(ask)) {
    expect(answer.proofs).toHaveLength(2);
    await cell.client.whole({
      ...ask,
      turns: [...ask.turns, { role: 'said', answer }, { role: 'user', text: 'go on' }],
    });
    expect(cell.seen('redacted+thinking').proofs).toEqual([proof, 'cmVkYWN0ZWQ=']);
  }
}
