import { describe, expect, it } from 'vitest';
import type { BlockedServer } from './guard.ts';
import { refusalOfBody } from './guard.ts';
import { GuardedFrames } from './guarded-frames.ts';

const gh: BlockedServer = {
  verdict: { type: 'server', target: 'https://gh.example/mcp', state: 'denied', decision: 'block', note: '' },
  names: ['gh'],
};
let blocked: BlockedServer[];
function frames(app = 'codex'): (frame: object) => ReturnType<GuardedFrames['look']> {
  blocked = [gh];
  const guarded = new GuardedFrames({
    denied: () => null,
    looks: () => blocked.length > 0,
    refusalOf: (body) => refusalOfBody(blocked, null, app, body),
  });
  return (frame) => guarded.look(JSON.stringify(frame));
}

const tool = { type: 'function', name: 'mcp__gh__search' };
const namespace = { type: 'namespace', name: 'mcp__gh__', tools: [{ type: 'function', name: 'search' }] };
const server = { type: 'mcp', server_label: 'code', server_url: 'https://gh.example/mcp' };

describe('a frame that offers tools of a denied server', () => {
  it.each([
    ['a turn of Responses', { type: 'response.create', model: 'm', tools: [tool] }],
    ['a turn with tools in a namespace', { type: 'response.create', model: 'm', tools: [namespace] }],
    ['a turn in a member of its own', { type: 'response.create', response: { model: 'm', tools: [tool] } }],
    ['a server that the vendor calls', { type: 'response.create', model: 'm', tools: [server] }],
    ['settings of Realtime', { type: 'session.update', session: { model: 'm', tools: [server] } }],
    ['a start of Live', { type: 'session.start', session: { model: 'm', delegation: { tools: [tool] } } }],
    ['a start of Gemini Live', { setup: { model: 'm', tools: [{ functionDeclarations: [tool] }] } }],
    ['the chat socket', { id: 'a', model: 'm', tools: [{ type: 'function', function: tool }] }],
    ['the chat socket, nested', { id: 'a', request: { model: 'm', mcp_servers: [{ name: 'gh', url: '' }] } }],
  ])('is refused: %s', (_name, frame) => {
    const refusal = frames()({ ...frame, event_id: 'ev_1', stream_id: 'lane' });
    expect(refusal).toMatchObject({ reason: expect.stringMatching(/^server:/), ends: false, model: 'm' });
    expect(JSON.parse(refusal!.answer)).toMatchObject({
      type: 'error',
      status: 403,
      stream_id: 'lane',
      error: { code: 'denied', message: expect.stringContaining('is denied'), event_id: 'ev_1' },
    });
  });

  it('is told with the id of its conversation, so that the others go on', () => {
    const refusal = frames()({ id: 7, model: 'm', tools: [tool] });
    expect(JSON.parse(refusal!.answer)).toMatchObject({ id: 7 });
  });
});

it('lets everything else pass', () => {
  const look = frames();
  for (const frame of [
    { type: 'response.create', model: 'm', tools: [{ type: 'function', name: 'mcp__other__search' }] },
    { type: 'response.create', input: 'mcp__gh__search' },
    { type: 'input_audio_buffer.append', audio: 'AAAA' },
  ])
    expect(look(frame)).toBeNull();
  const guarded = new GuardedFrames({ denied: () => null, looks: () => true, refusalOf: () => null });
  expect(guarded.look('no JSON')).toBeNull();
});

it('ends a session that was given tools before they were denied, with its next frame', () => {
  const look = frames();
  blocked = [];
  expect(look({ type: 'session.update', session: { tools: [tool] } })).toBeNull();
  expect(look({ type: 'session.update', session: { voice: 'x' } })).toBeNull();
  blocked = [gh];
  expect(look({ type: 'response.create' })).toMatchObject({ ends: true, reason: 'server:gh' });
});

it('forgets tools that a session gave back', () => {
  const look = frames();
  blocked = [];
  expect(look({ type: 'session.update', session: { tools: [tool] } })).toBeNull();
  expect(look({ type: 'session.update', session: { tools: [] } })).toBeNull();
  blocked = [gh];
  expect(look({ type: 'response.create' })).toBeNull();
});

it.each(['{"id":"a","model":"m"}', 'no JSON'])(
  'of an app that is denied now ends its socket: %s',
  (message) => {
    const denied = { reason: 'app:codex', message: 'The app codex is denied.' };
    const guarded = new GuardedFrames({ denied: () => denied, looks: () => false, refusalOf: () => null });
    const refusal = guarded.look(message);
    expect(refusal).toMatchObject({ reason: 'app:codex', ends: true });
    expect(JSON.parse(refusal!.answer)).toMatchObject({
      status: 403,
      error: { message: denied.message, param: null },
    });
  },
);
