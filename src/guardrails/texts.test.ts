import { expect, it } from 'vitest';
import { textsOf } from './texts.ts';

const said = (body: string): [string, string][] =>
  textsOf(Buffer.from(body), 'user').map(({ speaker, text }) => [speaker, text]);

it.each([
  [
    'a role before what it says',
    '{"messages":[{"role":"tool","content":"found"}]}',
    [['tool_result', 'found']],
  ],
  [
    'a role behind it',
    '{"messages":[{"content":[{"text":"found"}],"role":"tool"}]}',
    [['tool_result', 'found']],
  ],
  [
    'a role spelled by number',
    '{"messages":[{"r\\u006fle":"tool","content":"found"}]}',
    [['tool_result', 'found']],
  ],
  ['a list spelled so', '{"tool\\u005fcalls":[{"x":"found"}]}', [['tool_call', 'found']]],
  ['an id spelled so', '{"tool_call\\u005fid":"found","m\\u006fdel":"m"}', []],
  ['a key of no meaning', '{"\\u0072oles":"found"}', [['user', 'found']]],
])('knows by %s who says it', (_, body, expected) => {
  expect(said(body)).toEqual(expected);
});
