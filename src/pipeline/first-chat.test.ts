import { expect, test } from 'vitest';
import { fakeCall } from '../../tests/kit/fake-call.ts';
import { inspectBody } from '../body/inspect.ts';
import { createRouteTable } from '../http/routes/route-table.ts';
import { createFirstChat } from './first-chat.ts';

test('what was put in the second API’s words is not put so again when a cache asks once more', () => {
  const { stage } = createFirstChat(inspectBody);
  const { call } = fakeCall('cohere', { model: 'm', message: 'hi' }, []);
  Object.assign(call, { route: createRouteTable(new Map()).match('/v1/chat').route });
  expect(stage(call)).toBe('continue');
  const second = call.body!.toString();
  expect(JSON.parse(second)).toMatchObject({ messages: [{ role: 'user', content: 'hi' }] });
  call.repeats = true;
  expect(stage(call)).toBe('continue');
  expect(call.body!.toString()).toBe(second);
});
