import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EncodeTarget } from '../contracts/body.ts';
import { capabilitiesOf } from '../models/lookup.ts';
import { CLIENT_TOOL_ID, toolIdRule } from './anthropic/tool-id-rule.ts';
import { ANY_TOOL_ID, type ToolIdRule, ToolIds } from './tool-ids.ts';

const of = (vendor: string): ToolIdRule =>
  capabilitiesOf({ vendor, dialect: 'openai-chat', model: 'm' }).toolId;
const CLAUDE_TOOL_ID = toolIdRule({
  capabilities: capabilitiesOf({ vendor: 'anthropic', dialect: 'anthropic', model: 'claude-x' }),
} as EncodeTarget);
const RULES: [string, ToolIdRule, RegExp][] = [
  ['Claude', CLAUDE_TOOL_ID, /^[A-Za-z0-9_-]{1,64}$/],
  ['Messages clients', CLIENT_TOOL_ID, /^[A-Za-z0-9_-]+$/],
  ['OpenAI', of('openai'), /^[\s\S]{1,40}$/],
  ['Mistral', of('mistral'), /^[A-Za-z0-9]{9}$/],
  ['any other', ANY_TOOL_ID, /^[\s\S]+$/],
];
const known = fc.constantFrom(
  'call_0',
  'call_0_2',
  'call_0_2_2',
  'functions.get:0',
  '',
  'AbCdEf123',
  'a_x2e_b',
  'é',
);
const anyId = fc.oneof(known, fc.string({ unit: 'grapheme' }), fc.string({ minLength: 60, maxLength: 90 }));

function taken(ids: readonly string[], rule: ToolIdRule): string[] {
  const handed = new ToolIds(rule);
  return ids.map((id) => handed.take(id));
}

describe('ids of tool calls', () => {
  it.each(RULES)(
    'for %s fit, are unique, and do not change when the conversation goes on',
    (_, rule, fits) => {
      fc.assert(
        fc.property(fc.array(anyId, { maxLength: 30 }), anyId, (ids, next) => {
          const wire = taken(ids, rule);
          expect(new Set(wire).size).toBe(ids.length);
          for (const id of wire) expect(id).toMatch(fits);
          expect(taken([...ids, next], rule).slice(0, -1)).toEqual(wire);
        }),
      );
    },
  );

  it.each([
    [
      'Claude',
      CLAUDE_TOOL_ID,
      ['toolu_01abcDEF', 'call_9zXy', 'chatcmpl-tool-0123456789abcdef0123456789abcdef'],
    ],
    [
      'OpenAI',
      of('openai'),
      ['call_0123456789abcdefghijklmn', 'toolu_01abcDEF', 'toolu_bdrk_01ABCDEFGHIJKLMNOPQRSTUV'],
    ],
    ['Mistral', of('mistral'), ['AbCdEf123', '000000000']],
    [
      'any other',
      of('together'),
      ['functions.get_weather:0', 'chatcmpl-tool-0123456789abcdef0123456789abcdef', 'x'.repeat(300)],
    ],
  ])('for %s go on as they were made where they fit', (_, rule, ids) => {
    expect(taken(ids, rule)).toEqual(ids);
  });

  it('given to a client repeat none that its conversation holds', () => {
    const handed = new ToolIds(CLIENT_TOOL_ID, ['call_0', 'call_0_2']);
    expect([handed.take('call_0'), handed.take('call_1'), handed.take('call_0')]).toEqual([
      'call_0_3',
      'call_1',
      'call_0_4',
    ]);
  });
});
