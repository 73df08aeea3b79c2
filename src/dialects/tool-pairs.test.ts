import { describe, expect, it } from 'vitest';
import type { Part, Turn } from '../contracts/chat.ts';
import { GatewayError } from '../contracts/errors.ts';
import { ANY_TOOL_ID, type ToolIdRule } from './tool-ids.ts';
import { pairToolCalls } from './tool-pairs.ts';

const call = (id: string): Part => ({ kind: 'tool_call', id, name: 'f', arguments: '{}', cache: null });
const result = (callId: string): Part => ({
  kind: 'tool_result',
  callId,
  content: [],
  isError: false,
  cache: null,
});
const text: Part = { kind: 'text', text: 'x', cache: null };
const turn = (role: Turn['role'], ...parts: Part[]): Turn => ({ role, parts, name: null });

const pair = (turns: Turn[], rule: ToolIdRule = ANY_TOOL_ID): Turn[] => pairToolCalls(turns, rule, () => {});

describe('pairToolCalls', () => {
  it('takes calls and results that pair up, in any order and spread over neighbours', () => {
    const turns = [
      turn('user', text),
      turn('assistant', call('a')),
      turn('assistant', call('b')),
      turn('user', result('b')),
      turn('system', text),
      turn('user', result('a'), text),
      turn('assistant', text),
      turn('user', text),
    ];
    const paired = pair(turns);
    for (const [index, turn] of paired.entries()) expect(turn).toBe(turns[index]);
  });

  it.each([
    ['a call at the end', [turn('assistant', call('lone'))], 'call'],
    [
      'a call without its result',
      [turn('assistant', call('a'), call('lone')), turn('user', result('a'))],
      'call',
    ],
    [
      'a call whose result comes a message late',
      [
        turn('assistant', call('lone')),
        turn('user', text),
        turn('assistant', text),
        turn('user', result('lone')),
      ],
      'call',
    ],
    ['a result without its call', [turn('user', result('lone'))], 'result'],
    [
      'a second result of one call',
      [turn('assistant', call('lone')), turn('user', result('lone'), result('lone'))],
      'result',
    ],
  ])('refuses %s and names it', (_case, turns, what) => {
    let thrown: unknown;
    try {
      pair(turns);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(GatewayError);
    expect((thrown as GatewayError).code).toBe('GW_CLIENT_UNSUPPORTED');
    expect((thrown as GatewayError).publicMessage).toContain(`The tool ${what} 'lone'`);
  });

  // Servers that number calls from 0 in each answer, and answers that hold one id twice.
  it('renames an id that comes again, call and result alike, the first of them answered first', () => {
    const named = (text: string): Part => ({ kind: 'text', text, cache: null });
    const said = (callId: string, text: string): Part =>
      ({ ...(result(callId) as object), content: [named(text)] }) as Part;
    const paired = pair([
      turn('assistant', call('c'), call('c')),
      turn('user', said('c', 'first'), said('c', 'second')),
      turn('assistant', call('c')),
      turn('user', said('c', 'third')),
    ]);
    expect(paired).toMatchObject([
      { parts: [{ id: 'c' }, { id: 'c_2' }] },
      {
        parts: [
          { callId: 'c', content: [{ text: 'first' }] },
          { callId: 'c_2', content: [{ text: 'second' }] },
        ],
      },
      { parts: [{ id: 'c_3' }] },
      { parts: [{ callId: 'c_3', content: [{ text: 'third' }] }] },
    ]);
  });
});
