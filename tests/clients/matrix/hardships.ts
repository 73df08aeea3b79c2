// Scenarios of requests and answers that are well-formed and hard: large, compressed, in odd pieces, of many turns.
import { expect } from 'vitest';
import { pick } from '../../kit/json.ts';
import type { Cell } from './cell.ts';
import type { Answer, Ask, Turn } from './client.ts';
import { plainText } from './exchanges.ts';
import { time, weather } from './tools.ts';

/** Above the size from which a request is translated in a thread of its own. */
export async function large(cell: Cell): Promise<void> {
  const long = 'lorem ipsum dolor '.repeat(8_000);
  const ask = cell.ask('parallel-tools', {
    system: 'Be brief.',
    tools: [weather, time],
    turns: [{ role: 'user', text: long }],
  });
  const answers = await cell.both(ask);
  for (const { calls } of answers)
    expect(calls.map(({ args }) => args)).toEqual([{ city: 'Paris' }, { zone: 'Europe/Paris' }]);
  const last = await cell.client.whole(answered(ask, answers[1], long));
  expect(last.text).toBe('It is 21 degrees in Paris.');
  const seen = cell.seen('parallel-tools');
  expect(seen.turns[0]).toBe(`user: ${long}`);
  expect(seen.results[0]!.text).toContain(long);
}

function answered(ask: Ask, answer: Answer, text: string): Ask {
  const results = answer.calls.map(({ id, name }) => ({ id, name, text }));
  return { ...ask, turns: [...ask.turns, { role: 'said', answer }, { role: 'results', results }] };
}

/** The turns of a request as JSON, members in order; of Chat and of Messages, of Responses, of Gemini. */
function history(body: unknown): string[] {
  const turns = pick(body, 'messages') ?? pick(body, 'input') ?? pick(body, 'contents');
  return (turns as unknown[]).map((turn) => JSON.stringify(turn));
}

/** Rounds of tools, each history one round longer: what was sent before stands unchanged in front. */
export async function rounds(cell: Cell): Promise<void> {
  const script = 'tools+with-text';
  let ask = cell.ask(script, { system: 'Be brief.', tools: [weather] });
  let before: string[] = [];
  for (let round = 0; round < 4; round++) {
    const answer = await (round % 2 === 0 ? cell.client.whole(ask) : cell.client.streamed(ask));
    expect(answer.calls).toHaveLength(1);
    const seen = cell.seen(script);
    expect(seen.calls).toHaveLength(round);
    expect(new Set(seen.calls.map(({ id }) => id)).size).toBe(round);
    // Byte for byte: prompt caches and signatures hang on it.
    const said = history(cell.request(script).json);
    expect(said.slice(0, before.length)).toEqual(before);
    before = said;
    const told = answered(ask, answer, '21 degrees');
    const last = await cell.client.whole(told);
    const next: Turn[] = [
      { role: 'said', answer: last },
      { role: 'user', text: `and ${round}?` },
    ];
    ask = { ...ask, turns: [...told.turns, ...next] };
  }
}

const transports = [
  'gzip',
  'chunked',
  'split:1',
  'crlf+split:3',
  'comments',
  'one-write',
  'bom',
  'slow-first:50',
];

export async function transport(cell: Cell): Promise<void> {
  const binary = cell.upstream.dialect === 'bedrock';
  for (const script of transports) {
    // Lines and comments are of Server-Sent Events.
    if (binary && /crlf|comments|bom/.test(script)) continue;
    for (const { text } of await cell.both(cell.ask(script)))
      expect([script, text]).toEqual([script, plainText]);
  }
}

const modes: Record<string, Record<string, unknown>> = {
  'openai-chat': { response_format: { type: 'json_object' } },
  'openai-responses': { text: { format: { type: 'json_object' } } },
  gemini: { responseMimeType: 'application/json' },
  cohere: { responseFormat: { type: 'json_object' } },
};

/** JSON of no schema. Where there is no such mode it is asked for in words. */
export async function jsonMode(cell: Cell): Promise<void> {
  const ask = cell.ask('json', {
    turns: [{ role: 'user', text: 'Answer in JSON.' }],
    extra: modes[cell.client.dialect]!,
  });
  for (const { text } of await cell.both(ask)) expect(JSON.parse(text)).toMatchObject({ answer: 42 });
  const body = cell.request('json').body.toString();
  expect(body).toMatch(/json_object|application\/json|JSON object|valid JSON/);
}

/** Hotter than Anthropic, Cohere and some of Bedrock take it. */
export async function hot(cell: Cell): Promise<void> {
  const ask = cell.ask('ok', { extra: { temperature: 1.5 } });
  expect((await cell.client.whole(ask)).text).toBe(plainText);
  const body = cell.request('ok').body.toString();
  expect(body).toMatch(/"temperature":(1.5|1)[,}]/);
}

export async function emptyTurns(cell: Cell): Promise<void> {
  const ask = cell.ask('tools', { tools: [weather] });
  const answer = await cell.client.whole(ask);
  const { text } = await cell.client.whole(answered(ask, answer, ''));
  expect(text).toBe('It is 21 degrees in Paris.');
  expect(cell.seen('tools').results).toHaveLength(1);
}

export async function htmlError(cell: Cell): Promise<void> {
  for (const how of ['whole', 'streamed'] as const) {
    const failure = await cell.refusal(cell.ask('html:502'), how);
    expect(failure.status).toBeGreaterThanOrEqual(cell.client.dialect === 'bedrock' ? 424 : 500);
    expect(failure.message).not.toBe('');
  }
}
