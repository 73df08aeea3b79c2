import { expect, test } from 'vitest';
import { inspectBody } from '../body/inspect.ts';
import { GatewayError } from '../contracts/errors.ts';
import { itemsText, referencesIn, resolved, withHistory, withoutMembers } from './history.ts';
import { readTurnMembers } from './turn-members.ts';

const read = (text: string) => {
  const body = Buffer.from(text);
  const facts = inspectBody(body);
  return { body, facts, turn: readTurnMembers(body, facts) };
};
const refusal = (text: string): unknown => {
  try {
    read(text);
  } catch (cause) {
    return cause instanceof GatewayError ? [cause.code, cause.param] : cause;
  }
  return null;
};

test('what a request says of its turn is found wherever it stands, however its names are written', () => {
  const { turn } = read(
    '{"a":1,"stor\\u0065":false,"input":"x","previous_response_id":"resp_1","x":{"store":true}}',
  );
  expect(turn).toMatchObject({ store: false, previous: 'resp_1', background: false, conversation: null });
  expect(read('{"model":"m"}').turn).toMatchObject({ store: true, previous: null, input: null });
  expect(read('{"conversation":{"id":"conv_1"},"background":true}').turn).toMatchObject({
    conversation: 'conv_1',
    background: true,
  });
  expect(read('{"store":null,"previous_response_id":null,"conversation":null}').turn).toMatchObject({
    store: true,
    previous: null,
    conversation: null,
  });
});

test.each(['response\\u005fid', 'respons\\u0065\\u005f\\u0069\\u0064'])(
  'what a turn builds on is found in any spelling: %s',
  (end) => {
    expect(read(`{"previous_${end}":"resp_1"}`).turn.previous).toBe('resp_1');
    const all = [...'previous_response_id'].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`);
    expect(read(`{"${all.join('')}":"resp_1"}`).turn.previous).toBe('resp_1');
  },
);

test.each([
  ['{"store":1}', 'store'],
  ['{"background":"yes"}', 'background'],
  ['{"previous_response_id":7}', 'previous_response_id'],
  ['{"conversation":[1]}', 'conversation'],
  ['{"background":true,"store":false}', 'background'],
  ['{"previous_response_id":"resp_1","previous_response_id":"resp_2"}', 'previous_response_id'],
  ['{"conversation":"conv_1","convers\\u0061tion":"conv_2"}', 'conversation'],
])('%s is refused by name', (text, param) => {
  expect(refusal(text)).toEqual(['GW_CLIENT_BAD_REQUEST', param]);
});

const before = '{"type":"message","role":"user","content":"before"}';

test.each([
  ['{"model":"m","input":[{"role":"user","content":"now"}],"previous_response_id":"r","n":1.0}', true],
  ['{"previous_response_id":"r","input":"now","n":1.0}', true],
  ['{"input":[ ],"conversation":"c","n":1.0}', false],
  ['{"conversation":"c","n":1.0}', false],
])('turns are put in front of what %s says, and every other byte stays', (text, says) => {
  const { body, facts, turn } = read(text);
  const made = withHistory(body, facts, turn, before, itemsText(body, turn.input)).toString();
  const json = JSON.parse(made) as { input: unknown[] };
  expect(json.input[0]).toEqual(JSON.parse(before));
  expect(json.input).toHaveLength(says ? 2 : 1);
  if (says) expect(json.input[1]).toMatchObject({ role: 'user', content: 'now' });
  expect(made).toContain('"n":1.0');
  expect(made).not.toMatch(/previous_response_id|conversation/);
});

test('members are left out by their names', () => {
  const { body, facts } = read('{"background":true,"model":"m","stream":true}');
  expect(withoutMembers(body, facts, ['background', 'stream']).toString()).toBe('{"model":"m"}');
});

test('references are found and answered in their places', () => {
  const own =
    '[{"role":"user","content":"x"},{"type":"item_reference","id":"msg_1"},{"type":"item_reference","id":"msg_2"}]';
  expect(referencesIn(own)).toEqual(['msg_1', 'msg_2']);
  expect(referencesIn('[{"role":"user","content":"no"}]')).toEqual([]);
  const item = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
  expect(JSON.parse(resolved(own, new Map([['msg_1', item]])))).toEqual([
    { role: 'user', content: 'x' },
    item,
    { type: 'item_reference', id: 'msg_2' },
  ]);
});
