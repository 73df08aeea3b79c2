// What a call on a kept connection meets between being taken and being sent: one turn of the event loop.
import type { Socket } from 'node:net';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TURN_BYTES } from '../body/turn-bytes.ts';
import type { GatewayError } from '../contracts/errors.ts';
import { Connection } from './connection.ts';
import type { SocketListener } from './dial.ts';
import { LeanCall } from './lean-call.ts';
import { Outbox } from './outbox.ts';

interface Line {
  connection: Connection;
  listener: SocketListener;
  written: string[];
  log: string[];
  failed: GatewayError | null;
  call(message: string): LeanCall;
  read(text: string): void;
}

/** A connection over a socket that only notes what is written, its first call answered: it is idle. */
function idleLine(): Line {
  const written: string[] = [];
  const log: string[] = [];
  let listener: SocketListener | null = null;
  const socket = {
    writable: true,
    writableLength: 0,
    write: (bytes: Buffer) => written.push(bytes.toString('latin1')),
    destroy: () => log.push('destroyed'),
    pause: () => log.push('paused'),
    resume: () => log.push('resumed'),
  } as unknown as Socket;
  const call = (message: string): LeanCall =>
    new LeanCall(
      {
        onSent: (atOnce) => log.push(`sent${atOnce ? ' at once' : ''}`),
        onHead: (status) => log.push(`head ${status}`),
        onData: () => log.push('data'),
        onEnd: () => log.push('end'),
        onError(error) {
          log.push(error.code);
          line.failed = error;
        },
      },
      Buffer.from(message),
      null,
    );
  const connection = new Connection(
    {
      idle: () => log.push('idle'),
      gone: () => log.push('gone'),
      unreachable: () => log.push('unreachable'),
    },
    call('first'),
    false,
    {
      dial: {
        open(to) {
          listener = to;
          return { stage: 'tcp', stop() {} };
        },
        place: 'peer.test:80',
        addresses: null,
      },
      forwarded: false,
      outbox: new Outbox(),
      limits: { maxHeadBytes: 2048, maxAnswerBytes: 10_000_000 },
      connectTimeoutMs: 0,
    },
  );
  const line: Line = {
    connection,
    listener: listener!,
    written,
    log,
    failed: null,
    call,
    read: (text) => listener!.read!(Buffer.from(text), text.length),
  };
  line.listener.ready(socket, '10.0.0.1');
  line.read('HTTP/1.1 204 No Content\r\n\r\n');
  expect(written.splice(0)).toEqual(['first']);
  expect(log.splice(0)).toEqual(['sent', 'head 204', 'idle', 'end']);
  return line;
}

describe('a call on an idle connection', () => {
  it('is sent at the end of the turn, and then hears so', async () => {
    const { connection, call, written, log } = idleLine();
    connection.begin(call('second'));
    expect(written).toEqual([]);
    await endOfTurn();
    expect(written).toEqual(['second']);
    expect(log).toEqual(['sent at once']);
  });

  it('that had waited for it hears that somebody was waited for', async () => {
    const { connection, call, log } = idleLine();
    const second = call('second');
    second.carrier = { abandon() {}, flow() {} };
    connection.begin(second);
    await endOfTurn();
    expect(log).toEqual(['sent']);
  });

  it.each([
    ['ends', (line: Line) => line.listener.ended()],
    ['breaks', (line: Line) => line.listener.failed(Object.assign(new Error('x'), { code: 'ECONNRESET' }))],
    ['is closed', (line: Line) => line.listener.closed()],
    ['brings an answer that nobody asked for', (line: Line) => line.read('HTTP/1.1 200 OK\r\n\r\n')],
  ])('whose connection %s in that turn was not sent and may be sent on another', async (_, happens) => {
    const line = idleLine();
    line.connection.begin(line.call('second'));
    happens(line);
    await endOfTurn();
    expect(line.written).toEqual([]);
    expect(line.log).toEqual(['destroyed', 'gone', 'GW_UPSTREAM_RESET']);
    expect(line.failed).toMatchObject({ retry: 'fresh' });
  });

  it('that is given up in that turn is not sent, and hears nothing', async () => {
    const { connection, call, written, log } = idleLine();
    const second = call('second');
    connection.begin(second);
    second.abort();
    await endOfTurn();
    expect(written).toEqual([]);
    expect(log).toEqual(['destroyed', 'gone']);
  });
});

describe('a large answer', () => {
  const READ = 'x'.repeat(TURN_BYTES / 2);
  const head = (length: number): string => `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`;

  /** A call that was sent, whose answer of `length` bytes begins. */
  async function answering(length: number): Promise<Line & { second: LeanCall }> {
    const line = idleLine();
    const second = line.call('second');
    line.connection.begin(second);
    await endOfTurn();
    line.read(head(length));
    line.log.length = 0;
    return { ...line, second };
  }

  it('is read a share at a time, and on in the next turn', async () => {
    const { read, log } = await answering(READ.length * 5);
    read(READ);
    read(READ);
    expect(log.splice(0)).toEqual(['data', 'data', 'paused']);
    await endOfTurn();
    expect(log.splice(0)).toEqual(['resumed']);
    read(READ);
    expect(log.splice(0)).toEqual(['data']);
    await endOfTurn();
    read(READ);
    expect(log.splice(0)).toEqual(['data']);
    read(READ);
    expect(log.splice(0)).toEqual(['data', 'idle', 'end']);
  });

  it('that is whole with its share leaves a connection that is read', async () => {
    const { read, log } = await answering(READ.length * 2 + 1);
    read(READ);
    read(READ);
    read('x');
    expect(log.splice(0)).toEqual(['data', 'data', 'paused', 'data', 'resumed', 'idle', 'end']);
    await endOfTurn();
    expect(log).toEqual([]);
  });

  it('that its client does not take stays unread in the next turn, too', async () => {
    const { read, second, log } = await answering(READ.length * 4);
    read(READ);
    read(READ);
    second.pause();
    await endOfTurn();
    expect(log.splice(0)).toEqual(['data', 'data', 'paused', 'paused']);
    second.resume();
    expect(log).toEqual(['resumed']);
  });

  it('that its client takes again in that turn is read in the next one', async () => {
    const { read, second, log } = await answering(READ.length * 4);
    second.pause();
    read(READ);
    read(READ);
    second.resume();
    expect(log.splice(0)).toEqual(['paused', 'data', 'data', 'paused']);
    await endOfTurn();
    expect(log).toEqual(['resumed']);
  });

  it('that is given up is not read on', async () => {
    const { read, second, log } = await answering(READ.length * 4);
    read(READ);
    read(READ);
    second.abort();
    await endOfTurn();
    expect(log).toEqual(['data', 'data', 'paused', 'destroyed', 'gone']);
  });
});
