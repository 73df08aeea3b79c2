import { describe, expect, it } from 'vitest';
import type { Part, Turn } from '../contracts/chat.ts';
import { GatewayError } from '../contracts/errors.ts';
import { checkToolPairs } from './tool-pairs.ts';

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

describe('checkToolPairs', () => {
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
    expect(() => checkToolPairs(turns)).not.toThrow();
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
  ])('refuses %s and names it', (_case, turns, what) => {
    let thrown: unknown;
    try {
      checkToolPairs(turns);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(GatewayError);
    expect((thrown as GatewayError).code).toBe('GW_CLIENT_UNSUPPORTED');
    expect((thrown as GatewayError).publicMessage).toContain(`The tool ${what} 'lone'`);
  });
});
