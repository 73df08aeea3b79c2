// The order of turns on one connection, and its end, with the connection and the calls by hand.
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { ResponseSocket } from './response-socket.ts';
import type { SocketTurn } from './socket-turn.ts';

const turns: { turn: SocketTurn; body: Record<string, unknown> }[] = [];
const sent: Record<string, unknown>[] = [];
const closed = vi.fn();
const over = vi.fn();
let flowing = true;
let socket: ResponseSocket;

beforeEach(() => {
  turns.length = 0;
  sent.length = 0;
  flowing = true;
  closed.mockClear();
  over.mockClear();
  socket = new ResponseSocket(
    {
      begin: (turn, body) => void turns.push({ turn, body: JSON.parse(body.toString()) }),
      peer: { socketAddress: () => '192.0.2.1', proxiedAddress: () => '' },
      responseId: () => 'resp_own',
      steerId: () => 'steer_1',
      now: () => 5,
      over,
    },
    {
      send(text) {
        sent.push(JSON.parse(String(text)));
        return flowing;
      },
      close: closed,
    },
  );
});

const create = (input: unknown, more: object = {}): void =>
  socket.message(JSON.stringify({ type: 'response.create', model: 'm', input, ...more }));
const event = (type: string, more: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

test('a turn is a call that streams, without what belongs to the frame', () => {
  create('hi', { background: true, stream: false, generate: true, n: 1 });
  expect(turns[0]!.body).toEqual({ model: 'm', input: 'hi', n: 1, stream: true });
  socket.message('{"type":"response.create","response":{"model":"m","input":"nested","temperature":1.0}}');
  expect(turns).toHaveLength(1);
});

test('events go out as they come, cut anywhere, and a slow client pauses its turn', () => {
  create('hi');
  const { turn } = turns[0]!;
  const text = event('response.created') + event('response.output_text.delta', { delta: 'é' });
  const bytes = Buffer.from(text);
  for (const byte of bytes) turn.chunk(Buffer.from([byte]));
  expect(sent.map(({ type }) => type)).toEqual(['response.created', 'response.output_text.delta']);
  flowing = false;
  expect(turn.chunk(event('response.in_progress'))).toBe(false);
  const drained = vi.fn();
  turn.onDrain = drained;
  socket.drained();
  expect(drained).toHaveBeenCalledOnce();
});

test('what waits is taken in order, and no more of it than some', async () => {
  create('first');
  for (let at = 0; at < 20; at++) create(`waits ${at}`);
  expect(sent).toHaveLength(4);
  expect(sent[0]).toMatchObject({ type: 'error', status: 400 });
  turns[0]!.turn.end();
  await vi.waitFor(() => expect(turns).toHaveLength(2));
  expect(turns[1]!.body['input']).toBe('waits 0');
});

test('the next turn builds on what was said here', () => {
  create('one');
  const output = [{ type: 'message', id: 'msg_1', role: 'assistant', content: [] }];
  turns[0]!.turn.chunk(event('response.completed', { response: { id: 'resp_1', output } }));
  turns[0]!.turn.end();
  create('two', { previous_response_id: 'resp_1' });
  expect(turns[1]!.body['input']).toEqual([
    { type: 'message', role: 'user', content: 'one' },
    ...output,
    { type: 'message', role: 'user', content: 'two' },
  ]);
  expect(turns[1]!.body).not.toHaveProperty('previous_response_id');
  turns[1]!.turn.end();
  create('three', { previous_response_id: 'resp_of_another_day' });
  expect(turns[2]!.body).toMatchObject({ previous_response_id: 'resp_of_another_day', input: 'three' });
});

test('a server that goes lets the turn end, and closes at once where none runs', () => {
  create('hi');
  socket.leave(1001, 'going');
  expect(closed).not.toHaveBeenCalled();
  turns[0]!.turn.end();
  expect(closed).toHaveBeenCalledExactlyOnceWith(1001, 'going');
  create('late');
  expect(turns).toHaveLength(1);
});

test('a client that leaves is told of to its turn, and nothing is sent any more', () => {
  create('hi');
  create('waits');
  const { turn } = turns[0]!;
  const left = vi.fn();
  turn.onGone = left;
  socket.gone();
  expect([left.mock.calls.length, over.mock.calls.length, turn.closed]).toEqual([1, 1, true]);
  turn.chunk(event('response.created'));
  turn.end();
  expect([sent.length, turns.length]).toEqual([0, 1]);
});

test('events of a turn say the lane that its client named', () => {
  create('hi', { stream_id: 'left' });
  expect(turns[0]!.body).not.toHaveProperty('stream_id');
  turns[0]!.turn.chunk(event('response.created', { response: { id: 'resp_1' } }));
  turns[0]!.turn.reply(500, [], '{"error":{"message":"no"}}');
  expect(sent.map(({ type, stream_id }) => [type, stream_id])).toEqual([
    ['response.created', 'left'],
    ['error', 'left'],
  ]);
  create('again');
  turns[1]!.turn.chunk(event('response.created'));
  expect(sent.at(-1)).not.toHaveProperty('stream_id');
});

describe('a response that is steered', () => {
  const steer = (input: unknown, previous = 'resp_1'): void =>
    socket.message(JSON.stringify({ type: 'response.steer', previous_response_id: previous, input }));
  const begin = (more: object = {}): SocketTurn => {
    create('one', { temperature: 0.5, stream_id: 'lane', ...more });
    const { turn } = turns.at(-1)!;
    turn.chunk(event('response.created', { response: { id: 'resp_1' } }));
    return turn;
  };
  const end = (turn: SocketTurn, status: string, output: object[] = []): void => {
    turn.chunk(event(`response.${status}`, { response: { id: 'resp_1', status, output } }));
    turn.end();
  };
  const said = { type: 'message', id: 'msg_1', role: 'assistant', content: [] };
  const last = () => sent.at(-1)!;

  test('has a successor with its settings, behind which frames wait', async () => {
    const turn = begin();
    steer('and this');
    expect(last()).toMatchObject({
      type: 'response.steer.accepted',
      steer: { id: 'steer_1', previous_response_id: 'resp_1' },
      stream_id: 'lane',
    });
    create('waits');
    end(turn, 'completed', [said]);
    await vi.waitFor(() => expect(turns).toHaveLength(2));
    expect(turns[1]!.body).toMatchObject({ model: 'm', temperature: 0.5, stream: true });
    expect(turns[1]!.body['input']).toEqual([
      { type: 'message', role: 'user', content: 'one' },
      said,
      { type: 'message', role: 'user', content: 'and this' },
    ]);
    turns[1]!.turn.end();
    await vi.waitFor(() => expect(turns).toHaveLength(3));
    expect(turns[2]!.body['input']).toBe('waits');
  });

  const message = { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] };
  const piece = (delta: string, sequence: number): string =>
    event('response.output_text.delta', {
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      delta,
      sequence_number: sequence,
    });

  test('ends where its text is open, and its successor goes on from what was said', async () => {
    const turn = begin();
    const left = vi.fn();
    turn.onGone = left;
    steer('and this');
    // What opens is nothing to end at.
    turn.chunk(event('response.output_item.added', { output_index: 0, item: message, sequence_number: 1 }));
    expect(turn.closed).toBe(false);
    turn.chunk(piece('one ', 2) + piece('two', 3));
    expect(turn.closed).toBe(true);
    const part = { type: 'output_text', text: 'one ', annotations: [], logprobs: [] };
    const item = { ...message, status: 'incomplete', content: [part] };
    expect(sent.slice(-4)).toMatchObject([
      { type: 'response.output_text.done', text: 'one ', sequence_number: 3, stream_id: 'lane' },
      { type: 'response.content_part.done', part, sequence_number: 4 },
      { type: 'response.output_item.done', item, sequence_number: 5 },
      {
        type: 'response.incomplete',
        sequence_number: 6,
        response: {
          id: 'resp_1',
          status: 'incomplete',
          incomplete_details: { reason: 'steered' },
          output: [item],
        },
      },
    ]);
    await vi.waitFor(() => expect(turns).toHaveLength(2));
    expect(left).toHaveBeenCalledOnce();
    expect(turns[1]!.body['input']).toMatchObject([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: [{ text: 'one ' }] },
      { role: 'user', content: 'and this' },
    ]);
    // What the model says behind it nobody hears.
    const count = sent.length;
    turn.chunk(piece('three', 4));
    turn.end();
    expect(sent.length).toBe(count);
  });

  test.each([
    ['reasoning', true],
    ['function_call', false],
  ])('does not end within an item that is no text: %s', (type, ends) => {
    const turn = begin();
    turn.chunk(event('response.output_item.added', { output_index: 0, item: { type, id: 'x_1' } }));
    turn.chunk(event('response.function_call_arguments.delta', { delta: '{' }));
    turn.steer();
    expect(turn.closed).toBe(false);
    turn.chunk(event('response.output_item.done', { output_index: 0, item: { type, id: 'x_1' } }));
    turn.chunk(event('response.output_item.added', { output_index: 1, item: message }) + piece('a', 5));
    // Behind a call its client has to say what it returned.
    expect(turn.closed).toBe(ends);
  });

  test('waits for what its tools return, and is gone on from with both', () => {
    const call = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{}' };
    const turn = begin();
    steer([{ role: 'user', content: 'and this' }]);
    end(turn, 'completed', [call]);
    expect(last()).toMatchObject({
      type: 'response.steer.pending',
      reason: 'waiting_for_required_input',
      required_input: [{ type: 'function_call_output', call_id: 'call_1' }],
    });
    const result = { type: 'function_call_output', call_id: 'call_1', output: '7' };
    create([result], { previous_response_id: 'resp_1' });
    const input = turns[1]!.body['input'] as unknown[];
    expect(input.slice(-2)).toEqual([{ role: 'user', content: 'and this' }, result]);
  });

  test.each([
    ['response_not_found', 'resp_2', 'x'],
    ['invalid_input', 'resp_1', [{ role: 'assistant', content: 'x' }]],
    ['invalid_input', 'resp_1', []],
  ])('gives back what it cannot take: %s', (code, previous, input) => {
    begin();
    steer(input, previous);
    expect(last()).toMatchObject({
      type: 'response.steer.failed',
      error: { code, type: 'invalid_request_error' },
      steer: { input, previous_response_id: previous },
    });
    expect(last()['steer']).not.toHaveProperty('id');
  });

  test('gives back what came too late, or has nothing to go on from', () => {
    const turn = begin();
    steer('kept');
    turn.chunk(event('response.failed', { response: { id: 'resp_1', status: 'failed' } }));
    turn.end();
    expect(last()).toMatchObject({
      type: 'response.steer.failed',
      error: { code: 'successor_creation_failed' },
      steer: { id: 'steer_1', input: 'kept' },
    });
    steer('late');
    expect(last()).toMatchObject({ error: { code: 'response_already_completed' } });
    expect(turns).toHaveLength(1);
  });

  test('of a conversation takes nothing', () => {
    begin({ conversation: 'conv_1' });
    steer('x');
    expect(last()).toMatchObject({ error: { code: 'steering_not_supported' } });
  });
});

test('a connection that is as old as they get says so behind its turn', () => {
  create('hi');
  socket.expire();
  expect(sent).toEqual([]);
  turns[0]!.turn.end();
  expect(sent).toMatchObject([
    { type: 'error', status: 400, error: { code: 'websocket_connection_limit_reached' } },
  ]);
  expect(closed).toHaveBeenCalledExactlyOnceWith(1000, expect.stringContaining('old'));
});
