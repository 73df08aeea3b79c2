import { expect, test } from 'vitest';
import { fakeCall } from '../../tests/kit/fake-call.ts';
import { inspectBody } from '../body/inspect.ts';
import type { JsonObject } from '../contracts/json.ts';
import { createRouteTable } from '../http/routes/route-table.ts';
import { createFirstChat } from './first-chat.ts';

function asked(more: JsonObject = {}) {
  const { stage, decorate } = createFirstChat(inspectBody);
  const made = fakeCall('cohere', { model: 'm', message: 'hi', ...more }, []);
  Object.assign(made.call, { route: createRouteTable(new Map()).match('/v1/chat').route });
  return { ...made, stage, decorate };
}

test('what was put in the second API’s words is not put so again when a cache asks once more', () => {
  const { stage, call } = asked();
  expect(stage(call)).toBe('continue');
  const second = call.body!.toString();
  expect(JSON.parse(second)).toMatchObject({ messages: [{ role: 'user', content: 'hi' }] });
  call.repeats = true;
  expect(stage(call)).toBe('continue');
  expect(call.body!.toString()).toBe(second);
});

test('a stream that is there as a whole is told in the first API’s events', () => {
  const { stage, decorate, call, sink } = asked({ stream: true });
  void stage(call);
  const events = [
    { type: 'message-start', id: 'r' },
    { type: 'content-delta', index: 0, delta: { message: { content: { text: 'hey' } } } },
    { type: 'message-end', delta: { finish_reason: 'COMPLETE' } },
  ];
  const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  decorate(sink, call).reply(200, [['content-type', 'text/event-stream; charset=utf-8']], body);
  expect(sink.headers['content-type']).toBe('application/stream+json');
  const lines = sink.body.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { event_type: string }).event_type)).toEqual([
    'stream-start',
    'text-generation',
    'stream-end',
  ]);
  expect(JSON.parse(lines.at(-1)!)).toMatchObject({ response: { text: 'hey' } });
});
