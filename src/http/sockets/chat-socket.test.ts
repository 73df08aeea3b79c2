// Many conversations on one socket, with the connection, the calls and the clock by hand.
import { beforeEach, expect, test, vi } from 'vitest';
import type { Call } from '../../contracts/call.ts';
import type { Machines } from '../../contracts/machines.ts';
import type { Siblings } from '../../contracts/response-ports.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { ChatBook } from './chat-book.ts';
import { tellFar } from './chat-far.ts';
import type { ChatRequest } from './chat-frames.ts';
import { ChatSocket } from './chat-socket.ts';
import type { ChatTurn } from './chat-turn.ts';

interface Frame {
  type: string;
  id: string | number | null;
  seq?: number;
  [member: string]: unknown;
}

let now = 0;
let turns: { turn: ChatTurn; request: ChatRequest }[];
let book: ChatBook;
/** Another worker's. */
let otherBook: ChatBook;
/** A worker's of another machine; null: it is dead. */
let awayBook: ChatBook | null;
const AWAY = 'other-place1';
const options = { maxConversations: 3, resumeMs: 1_000, maxKeptBytes: 10_000, ticketTtlMs: 1_000 };
const siblings: Siblings = {
  ask: async (_wish, owner, ids) => ids.map((id) => tellFar(otherBook, owner, id, options.resumeMs)),
};
const machines: Machines = {
  here: 'this-place-1',
  listen: () => undefined,
  ask: async (place, owner, wish) =>
    awayBook === null || place !== AWAY ? null : tellFar(awayBook, owner, wish, options.resumeMs),
};

/** A client's end: what it was told, and whether it takes more. */
function connect(owner = 'key-1', in_ = book) {
  const frames: Frame[] = [];
  const end = {
    frames,
    flows: true,
    closed: vi.fn(),
    over: vi.fn(),
    socket: undefined as unknown as ChatSocket,
  };
  end.socket = new ChatSocket(
    {
      options: () => options,
      begin(turn, request) {
        turns.push({ turn, request });
        turn.call = { id: `req_${turns.length}`, error: null, usage: null } as unknown as Call;
        turn.began();
      },
      framing: (dialect) => dialectByName(dialect).chat.framing,
      render: (_dialect, error) => ({
        status: error.status,
        headers: [],
        body: JSON.stringify({ error: { code: error.code, message: error.publicMessage } }),
        id: 'req_none',
      }),
      book: in_,
      places: () => ({ siblings, machines: in_ === awayBook ? { ...machines, here: AWAY } : machines }),
      owner,
      usual: 'openai-chat',
      peer: { socketAddress: () => '', proxiedAddress: () => '' },
      over: end.over,
    },
    {
      send(text) {
        frames.push(JSON.parse(String(text)) as Frame);
        return end.flows;
      },
      close: end.closed,
    },
  );
  return end;
}

const say = (socket: ChatSocket, frame: object): void => socket.message(JSON.stringify(frame));
const ask = (id: string | number): object => ({
  id,
  model: 'm',
  messages: [{ role: 'user', content: 'hi' }],
});
const piece = (text: string): string => `data: ${JSON.stringify({ text })}\n\n`;
const texts = (frames: readonly Frame[], id: string | number): unknown[] =>
  frames
    .filter((frame) => frame.id === id && frame.type === 'delta')
    .map(({ data }) => (data as { text: string }).text);

beforeEach(() => {
  now = 0;
  turns = [];
  book = new ChatBook(() => now);
  otherBook = new ChatBook(() => now);
  awayBook = new ChatBook(() => now);
});

test('conversations run side by side, each numbered by itself, and end with one last frame', async () => {
  const { socket, frames } = connect();
  say(socket, ask('a'));
  say(socket, ask(7));
  turns[0]!.turn.chunk(piece('one') + piece('two'));
  turns[1]!.turn.chunk(piece('other'));
  turns[0]!.turn.chunk('data: [DONE]\n\n');
  turns[0]!.turn.end();
  await vi.waitFor(() => expect(frames.at(-1)).toMatchObject({ type: 'done', id: 'a', seq: 4 }));
  expect(texts(frames, 'a')).toEqual(['one', 'two']);
  expect(texts(frames, 7)).toEqual(['other']);
  expect(frames.filter(({ id }) => id === 'a').map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(frames[0]).toMatchObject({ type: 'started', request_id: 'req_1', resume: expect.any(String) });
  // Its id is free again.
  say(socket, ask('a'));
  expect(turns).toHaveLength(3);
});

test('an id that is taken, and one conversation more than may be, are refused', () => {
  const { socket, frames } = connect();
  for (const id of ['a', 'a', 'b', 'c', 'd']) say(socket, ask(id));
  expect(frames.filter(({ type }) => type === 'error')).toMatchObject([
    { id: 'a', status: 400 },
    { id: 'd', status: 429, error: { code: 'GW_CLIENT_CONVERSATIONS' } },
  ]);
});

test('a conversation that is cancelled leaves its provider, and no other', () => {
  const { socket, frames } = connect();
  say(socket, ask('a'));
  say(socket, ask('b'));
  const left = vi.fn();
  turns[0]!.turn.onGone = left;
  say(socket, { type: 'cancel', id: 'a' });
  expect(left).toHaveBeenCalledOnce();
  expect(frames.at(-1)).toMatchObject({ type: 'cancelled', id: 'a' });
  expect(turns[0]!.turn.closed).toBe(true);
  expect(turns[1]!.turn.closed).toBe(false);
  say(socket, { type: 'cancel', id: 'a' });
  expect(frames.at(-1)).toMatchObject({ type: 'error', id: 'a', status: 400 });
});

test('on a slow socket each conversation waits in a queue of its own, pauses its own provider, and they take turns', () => {
  const end = connect();
  say(end.socket, ask('a'));
  say(end.socket, ask('b'));
  end.flows = false;
  const [a, b] = turns.map(({ turn }) => turn) as [ChatTurn, ChatTurn];
  expect(a.chunk(piece('a1'))).toBe(true);
  const big = 'x'.repeat(70_000);
  expect(a.chunk(piece(big))).toBe(false);
  expect(b.chunk(piece('b1'))).toBe(true);
  expect(b.chunk(piece('b2'))).toBe(true);
  const goOn = vi.fn();
  a.onDrain = goOn;
  a.chunk(piece('a3'));
  end.frames.length = 0;
  end.flows = true;
  end.socket.drained();
  expect(goOn).toHaveBeenCalledOnce();
  const order = end.frames.map(({ id }) => id);
  expect(order.slice(0, 4)).toEqual(['a', 'b', 'a', 'b']);
  expect(texts(end.frames, 'b')).toEqual(['b1', 'b2']);
});

test('a conversation that its client pauses holds its provider, and the others go on', () => {
  const { socket, frames } = connect();
  say(socket, ask('a'));
  say(socket, ask('b'));
  say(socket, { type: 'pause', id: 'a' });
  turns[0]!.turn.chunk(piece('held'));
  turns[1]!.turn.chunk(piece('free'));
  expect(texts(frames, 'a')).toEqual([]);
  expect(texts(frames, 'b')).toEqual(['free']);
  // As one whose client takes nothing: it alone ends, after the time of slow readers.
  expect(turns[0]!.turn.tend(100)).toBe(0);
  expect(turns[0]!.turn.tend(350)).toBe(250);
  say(socket, { type: 'continue', id: 'a' });
  expect(texts(frames, 'a')).toEqual(['held']);
  expect(turns[0]!.turn.tend(600)).toBe(0);
});

test('a conversation whose socket broke goes on, and its client gets the rest elsewhere, nothing twice', () => {
  const first = connect();
  say(first.socket, ask('a'));
  const { turn } = turns[0]!;
  turn.chunk(piece('one') + piece('two'));
  const token = first.frames[0]!['resume'];
  first.socket.gone(1006);
  expect(turn.closed).toBe(false);
  turn.chunk(piece('three'));
  const stranger = connect('key-2');
  say(stranger.socket, { type: 'resume', resume: token, after: 2 });
  const second = connect();
  say(second.socket, { type: 'resume', resume: token, after: 2 });
  expect(texts(second.frames, 'a')).toEqual(['two', 'three']);
  turn.chunk(piece('four'));
  expect(texts(second.frames, 'a')).toEqual(['two', 'three', 'four']);
});

test('who is no key of the conversation, or asks for what is forgotten, is told that there is none', async () => {
  const first = connect();
  say(first.socket, ask('a'));
  const token = first.frames[0]!['resume'];
  for (let at = 0; at < 20; at++) turns[0]!.turn.chunk(piece('x'.repeat(1_000)));
  first.socket.gone(1006);
  const stranger = connect('key-2');
  say(stranger.socket, { type: 'resume', resume: token });
  const late = connect();
  say(late.socket, { type: 'resume', resume: token, after: 1 });
  await vi.waitFor(() => {
    for (const { frames } of [stranger, late])
      expect(frames).toMatchObject([{ type: 'error', status: 404, error: { code: 'GW_CLIENT_RESUME' } }]);
  });
});

test('who says goodbye, and who does not come back in time, ends the conversation', async () => {
  vi.useFakeTimers();
  try {
    const polite = connect();
    say(polite.socket, ask('a'));
    const broken = connect();
    say(broken.socket, ask('b'));
    const left = turns.map(({ turn }) => (turn.onGone = vi.fn()));
    polite.socket.gone(1001);
    expect(left[0]).toHaveBeenCalledOnce();
    broken.socket.gone();
    expect(left[1]).not.toHaveBeenCalled();
    now = 1_001;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(left[1]).toHaveBeenCalledOnce();
    now = 5_000;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(book.size).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('a conversation at another worker is gone on with from there', async () => {
  const there = connect('key-1', otherBook);
  say(there.socket, ask('a'));
  const { turn } = turns[0]!;
  turn.chunk(piece('one'));
  const token = there.frames[0]!['resume'];
  there.socket.gone(1006);
  const here = connect();
  say(here.socket, { type: 'resume', resume: token, after: 1 });
  await vi.waitFor(() => expect(texts(here.frames, 'a')).toEqual(['one']));
  turn.chunk(piece('two'));
  await vi.waitFor(() => expect(texts(here.frames, 'a')).toEqual(['one', 'two']));
  const left = vi.fn();
  turn.onGone = left;
  say(here.socket, { type: 'cancel', id: 'a' });
  await vi.waitFor(() => expect(here.frames.at(-1)).toMatchObject({ type: 'cancelled', id: 'a', seq: 4 }));
  expect(left).toHaveBeenCalledOnce();
});

test('a conversation at another machine is gone on with from there, and is found by its key alone', async () => {
  const there = connect('key-1', awayBook!);
  say(there.socket, ask('a'));
  const { turn } = turns[0]!;
  turn.chunk(piece('one'));
  const token = String(there.frames[0]!['resume']);
  expect(token).toMatch(/^other-place1\./);
  there.socket.gone(1006);
  const stranger = connect('key-2');
  say(stranger.socket, { type: 'resume', resume: token });
  const here = connect();
  say(here.socket, { type: 'resume', resume: token, after: 1 });
  await vi.waitFor(() => expect(texts(here.frames, 'a')).toEqual(['one']));
  turn.chunk(piece('two'));
  await vi.waitFor(() => expect(texts(here.frames, 'a')).toEqual(['one', 'two']));
  turn.end();
  await vi.waitFor(() => expect(here.frames.at(-1)).toMatchObject({ type: 'done', id: 'a', seq: 4 }));
  await vi.waitFor(() => expect(stranger.frames).toMatchObject([{ type: 'error', status: 404 }]), 10_000);
});

test('a conversation whose machine is gone ends in an error of its own', async () => {
  const there = connect('key-1', awayBook!);
  say(there.socket, ask('a'));
  const token = there.frames[0]!['resume'];
  there.socket.gone(1006);
  const here = connect();
  say(here.socket, { type: 'resume', resume: token });
  await vi.waitFor(() => expect(here.frames).toMatchObject([{ type: 'started', id: 'a' }]));
  awayBook = null;
  await vi.waitFor(
    () =>
      expect(here.frames.slice(1)).toMatchObject([
        { type: 'error', id: 'a', status: 404, error: { code: 'GW_CLIENT_RESUME' } },
      ]),
    10_000,
  );
});

test('a client that came back at home gets all of it, whatever the socket does that it was on before', async () => {
  const first = connect('key-1', otherBook);
  say(first.socket, ask('a'));
  const { turn } = turns[0]!;
  const token = first.frames[0]!['resume'];
  first.socket.gone(1006);
  const stale = connect();
  say(stale.socket, { type: 'resume', resume: token, after: 1 });
  turn.chunk(piece('one'));
  await vi.waitFor(() => expect(texts(stale.frames, 'a')).toEqual(['one']));
  const home = connect('key-1', otherBook);
  say(home.socket, { type: 'resume', resume: token, after: 1 });
  turn.chunk(piece('two'));
  expect(texts(home.frames, 'a')).toEqual(['one', 'two']);
  // The old one learns that it has it no more, and its goodbye ends nothing.
  stale.socket.leave(1001, 'bye');
  await vi.waitFor(() => expect(stale.closed).toHaveBeenCalled());
  stale.socket.gone(1000);
  turn.chunk(piece('three'));
  expect(texts(home.frames, 'a')).toEqual(['one', 'two', 'three']);
  expect(texts(stale.frames, 'a')).toEqual(['one']);
  expect(stale.frames.filter(({ type }) => type === 'error')).toEqual([]);
});

test('what came back elsewhere counts among the conversations of its socket', () => {
  const { socket, frames } = connect();
  for (let at = 0; at < 4; at++) say(socket, { type: 'resume', resume: `token-${at}` });
  expect(frames).toMatchObject([{ type: 'error', status: 429, error: { code: 'GW_CLIENT_CONVERSATIONS' } }]);
});

test('a conversation that another worker follows is told to its end when the gateway goes', async () => {
  const there = connect('key-1', otherBook);
  say(there.socket, ask('a'));
  const { turn } = turns[0]!;
  const token = there.frames[0]!['resume'];
  there.socket.gone(1006);
  const here = connect();
  say(here.socket, { type: 'resume', resume: token, after: 1 });
  turn.chunk(piece('one'));
  await vi.waitFor(() => expect(texts(here.frames, 'a')).toEqual(['one']));
  const over = vi.fn(() => expect(here.frames.at(-1)).toMatchObject({ type: 'done', id: 'a' }));
  turn.onOver = over;
  otherBook.leave();
  expect(turn.closed).toBe(false);
  turn.end();
  await vi.waitFor(() => expect(over).toHaveReturned(), 10_000);
});

test('a conversation without its client ends when the gateway goes', () => {
  const { socket } = connect();
  say(socket, ask('a'));
  socket.gone();
  const left = vi.fn();
  turns[0]!.turn.onGone = left;
  book.leave();
  expect(left).toHaveBeenCalledOnce();
});

test('a far conversation waits while its client takes nothing, and ends or stays as its socket does', async () => {
  const there = connect('key-1', otherBook);
  say(there.socket, ask('a'));
  const { turn } = turns[0]!;
  const token = there.frames[0]!['resume'];
  there.socket.gone(1006);
  const here = connect();
  say(here.socket, { type: 'resume', resume: token, after: 1 });
  turn.chunk(piece('one'));
  await vi.waitFor(() => expect(texts(here.frames, 'a')).toEqual(['one']));
  here.flows = false;
  turn.chunk(piece('two'));
  await vi.waitFor(() => expect(texts(here.frames, 'a')).toEqual(['one', 'two']));
  turn.chunk(piece('three'));
  expect(here.socket.state).toBe('full');
  here.socket.gone(1006);
  expect(turn.closed).toBe(false);
  // Its client comes once more, and says goodbye then.
  const again = connect();
  say(again.socket, { type: 'resume', resume: token, after: 3 });
  await vi.waitFor(() => expect(texts(again.frames, 'a')).toEqual(['three']));
  const left = vi.fn();
  turn.onGone = left;
  again.socket.gone(1000);
  await vi.waitFor(() => expect(left).toHaveBeenCalledOnce());
});

test('a far conversation that its client paused is kept for as long as that is there', async () => {
  vi.useFakeTimers();
  try {
    const there = connect('key-1', otherBook);
    say(there.socket, ask('a'));
    const { turn } = turns[0]!;
    const token = there.frames[0]!['resume'];
    there.socket.gone(1006);
    const here = connect();
    say(here.socket, { type: 'resume', resume: token, after: 1 });
    turn.chunk(piece('one'));
    await vi.advanceTimersByTimeAsync(100);
    expect(texts(here.frames, 'a')).toEqual(['one']);
    say(here.socket, { type: 'pause', id: 'a' });
    turn.chunk(piece('two'));
    for (let at = 0; at < 80; at++) {
      now += 100;
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(texts(here.frames, 'a')).toEqual(['one']);
    // Its client is there, also where the gateway goes.
    otherBook.leave();
    expect(turn.closed).toBe(false);
    say(here.socket, { type: 'continue', id: 'a' });
    await vi.advanceTimersByTimeAsync(100);
    expect(texts(here.frames, 'a')).toEqual(['one', 'two']);
  } finally {
    vi.useRealTimers();
  }
});

test('a socket that is to go takes nothing new and ends behind what runs', async () => {
  const { socket, frames, closed } = connect();
  say(socket, ask('a'));
  socket.leave(1001, 'bye');
  say(socket, ask('b'));
  expect(frames.at(-1)).toMatchObject({ type: 'error', id: 'b', status: 503 });
  expect(closed).not.toHaveBeenCalled();
  turns[0]!.turn.end();
  await vi.waitFor(() => expect(closed).toHaveBeenCalledWith(1001, 'bye'));
  expect(frames.at(-1)).toMatchObject({ type: 'done', id: 'a' });
});

test('what is no frame is refused, whatever it is', () => {
  const { socket, frames } = connect();
  const wrong = ['no JSON', '[]', '{}', '{"type":"steer","id":1}', '{"id":""}', '{"id":1,"dialect":"x"}'];
  const more = [
    '{"id":1,"request":7}',
    '{"type":"resume"}',
    '{"id":1,"contents":[]}',
    '{"id":1,"stream":"yes"}',
  ];
  for (const text of [...wrong, ...more]) socket.message(text);
  expect(frames).toHaveLength(wrong.length + more.length);
  expect(frames.every(({ type, status }) => type === 'error' && status === 400)).toBe(true);
  say(socket, { type: 'ping', id: 'p' });
  expect(frames.at(-1)).toEqual({ type: 'pong', id: 'p' });
});
