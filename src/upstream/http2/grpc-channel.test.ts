import { status as codes, Metadata } from '@grpc/grpc-js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type GrpcHandlers, type RunningGrpc, startGrpcServer } from '../../../tests/kit/grpc-server.ts';
import { GRPC_CODES, type GrpcChannel, type GrpcEnd, type GrpcFault } from '../../contracts/grpc.ts';
import { createNames } from '../../dns/names.ts';
import { CERT, KEY } from '../tls-pair.fixture.ts';
import { createGrpcChannel, type GrpcChannelOptions } from './grpc-channel.ts';

const servers: RunningGrpc[] = [];
const channels: GrpcChannel[] = [];

afterEach(() => {
  vi.useRealTimers();
  for (const channel of channels.splice(0)) channel.close();
  for (const server of servers.splice(0)) server.kill();
});

function channelTo(url: string, options: GrpcChannelOptions = {}): GrpcChannel {
  const channel = createGrpcChannel(
    url,
    { names: createNames(), now: () => performance.now(), random: Math.random },
    options,
  );
  channels.push(channel);
  return channel;
}

async function serve(
  handlers: GrpcHandlers,
  options: Parameters<typeof startGrpcServer>[2] & { channel?: GrpcChannelOptions } = {},
): Promise<{ server: RunningGrpc; channel: GrpcChannel }> {
  const server = await startGrpcServer('test.Service', handlers, options);
  servers.push(server);
  const channel =
    options.tls === undefined
      ? channelTo(`http://127.0.0.1:${server.port}`, options.channel)
      : channelTo(`https://localhost:${server.port}`, { tls: { ca: CERT }, ...options.channel });
  return { server, channel };
}

function faultOf(call: Promise<unknown>): Promise<GrpcEnd> {
  return call.then(
    () => {
      throw new Error('it was answered');
    },
    (error: GrpcFault) => error.end,
  );
}

const echo: GrpcHandlers['unary'] = { Echo: (call, answer) => answer(null, call.request) };
const bytes = (text: string): Buffer => Buffer.from(text);

describe('a gRPC channel', () => {
  it('asks one thing at a time or many, over one connection', async () => {
    const peers = new Set<string>();
    const { channel } = await serve({
      unary: {
        Echo: (call, answer) => {
          peers.add(call.getPeer());
          answer(null, call.request);
        },
      },
    });
    const texts = Array.from({ length: 50 }, (_, at) => `message ${at}`);
    const answers = await Promise.all(texts.map((text) => channel.unary('/test.Service/Echo', bytes(text))));
    expect(answers.map(String)).toEqual(texts);
    expect(String(await channel.unary('/test.Service/Echo', bytes('')))).toBe('');
    expect(peers.size).toBe(1);
  });

  it('speaks TLS, and refuses who is not vouched for', async () => {
    const { channel, server } = await serve({ unary: echo }, { tls: { key: KEY, cert: CERT } });
    expect(String(await channel.unary('/test.Service/Echo', bytes('secret')))).toBe('secret');
    const stranger = channelTo(`grpcs://localhost:${server.port}`);
    const end = await faultOf(stranger.unary('/test.Service/Echo', bytes('x')));
    expect(end).toMatchObject({
      code: GRPC_CODES.UNAVAILABLE,
      message: expect.stringContaining('SELF_SIGNED'),
    });
  });

  it('tells the server its deadline and metadata, and gives back what it says of an error', async () => {
    const seen: Record<string, unknown> = {};
    const { channel } = await serve({
      unary: {
        Refuse: (call, answer) => {
          seen.key = call.metadata.get('x-key')[0];
          seen.left = Number(call.getDeadline()) - Date.now();
          const metadata = new Metadata();
          metadata.set('x-why', 'because');
          answer({ code: codes.PERMISSION_DENIED, details: 'não é permitido: 100 %', metadata });
        },
      },
    });
    const end = await faultOf(
      channel.unary('/test.Service/Refuse', bytes(''), { metadata: { 'x-key': 'k1' }, deadlineMs: 60_000 }),
    );
    expect(end).toMatchObject({
      code: GRPC_CODES.PERMISSION_DENIED,
      message: 'não é permitido: 100 %',
      trailers: { 'x-why': 'because' },
    });
    expect(seen.key).toBe('k1');
    expect(seen.left).toBeGreaterThan(0);
    expect(seen.left).toBeLessThanOrEqual(60_000);
    expect(await faultOf(channel.unary('/test.Service/Unknown', bytes('')))).toMatchObject({
      code: GRPC_CODES.UNIMPLEMENTED,
    });
  });

  it('ends a call at its deadline, and the server hears of it', async () => {
    const begun = vi.fn();
    const cancelled = vi.fn();
    const { channel } = await serve({
      unary: {
        Hang: (call) => {
          begun();
          call.on('cancelled', cancelled);
        },
        ...echo,
      },
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const late = faultOf(channel.unary('/test.Service/Hang', bytes('x'), { deadlineMs: 100_000 }));
    await vi.waitFor(() => expect(begun).toHaveBeenCalled(), 10_000);
    vi.advanceTimersByTime(100_000);
    const end = await late;
    expect(end.code).toBe(GRPC_CODES.DEADLINE_EXCEEDED);
    await vi.waitFor(() => expect(cancelled).toHaveBeenCalled(), 10_000);
    expect(String(await channel.unary('/test.Service/Echo', bytes('on')))).toBe('on');
  });

  it('ends a call that is aborted, before and after it left', async () => {
    const begun = vi.fn();
    const cancelled = vi.fn();
    const { channel } = await serve({
      unary: {
        Hang: (call) => {
          begun();
          call.on('cancelled', cancelled);
        },
      },
    });
    const early = await faultOf(
      channel.unary('/test.Service/Hang', bytes('x'), { signal: AbortSignal.abort() }),
    );
    expect(early.code).toBe(GRPC_CODES.CANCELLED);
    expect(begun).not.toHaveBeenCalled();
    const abort = new AbortController();
    const late = faultOf(channel.unary('/test.Service/Hang', bytes('x'), { signal: abort.signal }));
    await vi.waitFor(() => expect(begun).toHaveBeenCalled(), 10_000);
    abort.abort();
    expect((await late).code).toBe(GRPC_CODES.CANCELLED);
    await vi.waitFor(() => expect(cancelled).toHaveBeenCalled(), 10_000);
  });

  it('streams: a slow reader stops the server and no other call, and loses nothing', async () => {
    const written = { bytes: 0, blocked: false };
    const piece = Buffer.alloc(32 * 1024, 'x');
    const count = 200;
    const { channel } = await serve({
      unary: echo,
      stream: {
        Flood: (call) => {
          let left = count;
          const more = (): void => {
            while (left > 0) {
              left--;
              written.bytes += piece.length;
              if (!call.write(piece) && left > 0) {
                written.blocked = true;
                call.once('drain', more);
                return;
              }
            }
            call.end();
          };
          more();
        },
      },
    });
    let got = 0;
    const ended = new Promise<GrpcEnd>((end) => {
      const stream = channel.open('/test.Service/Flood', {
        message: (message) => {
          got += message.length;
          if (got === piece.length) {
            stream.pause();
            // Many windows' worth of others' answers pass by while it is stopped.
            void Promise.all(
              Array.from({ length: 20 }, () => channel.unary('/test.Service/Echo', Buffer.alloc(500_000))),
            ).then((answers) => {
              expect(answers.every(({ length }) => length === 500_000)).toBe(true);
              expect(written.bytes).toBeLessThan(count * piece.length);
              stream.resume();
            });
          }
        },
        end,
      });
      stream.send(bytes('go'));
      stream.finish();
    });
    expect(await ended).toMatchObject({ code: GRPC_CODES.OK });
    expect(got).toBe(count * piece.length);
    expect(written.blocked).toBe(true);
  });

  it('streams both ways, with room for what is sent', async () => {
    const { channel } = await serve({
      bidi: {
        Double: (call) => {
          call.on('data', (message: Buffer) => call.write(Buffer.concat([message, message])));
          call.on('end', () => call.end());
        },
      },
    });
    const got: string[] = [];
    let drained = 0;
    const big = Buffer.alloc(600_000, 'b');
    const end = await new Promise<GrpcEnd>((resolve) => {
      const stream = channel.open('/test.Service/Double', {
        message: (message) => {
          got.push(message.length < 100 ? String(message) : String(message.length));
          if (got.length === 1) {
            expect(stream.send(big)).toBe(false);
          } else if (got.length === 2) stream.finish();
        },
        drained: () => drained++,
        end: resolve,
      });
      stream.send(bytes('ab'));
    });
    expect(end.code).toBe(GRPC_CODES.OK);
    expect(got).toEqual(['abab', '1200000']);
    expect(drained).toBeGreaterThan(0);
  });

  it('ends a call whose answer is too large, and goes on', async () => {
    const { channel } = await serve(
      { unary: { ...echo, Huge: (_call, answer) => answer(null, Buffer.alloc(2_000_000)) } },
      { channel: { maxMessageBytes: 1_000_000 } },
    );
    const end = await faultOf(channel.unary('/test.Service/Huge', bytes('')));
    expect(end).toMatchObject({
      code: GRPC_CODES.RESOURCE_EXHAUSTED,
      message: expect.stringContaining('2000000'),
    });
    expect(String(await channel.unary('/test.Service/Echo', bytes('on')))).toBe('on');
  });

  it('waits where the server takes no more streams, and refuses what waits too long a line', async () => {
    const open: (() => void)[] = [];
    let most = 0;
    const { channel } = await serve(
      {
        unary: {
          Hold: (call, answer) => {
            open.push(() => answer(null, call.request));
            most = Math.max(most, open.length);
          },
        },
      },
      { server: { 'grpc.max_concurrent_streams': 2 }, channel: { maxWaiting: 3 } },
    );
    // The connection stands and its limits are known.
    const first = channel.unary('/test.Service/Hold', bytes('0'));
    await vi.waitFor(() => expect(open).toHaveLength(1), 10_000);
    open.shift()!();
    await first;
    const calls = Array.from({ length: 6 }, (_, at) =>
      channel
        .unary('/test.Service/Hold', bytes(String(at)))
        .then(String, (error: GrpcFault) => error.end.code),
    );
    await vi.waitFor(() => expect(open.length).toBe(2), 10_000);
    const answering = setInterval(() => open.shift()?.(), 5);
    const answers = await Promise.all(calls);
    clearInterval(answering);
    // The stream of the first call may be closing still.
    expect(answers.slice(0, 4)).toEqual(['0', '1', '2', '3']);
    expect(answers.at(-1)).toBe(GRPC_CODES.RESOURCE_EXHAUSTED);
    expect(most).toBe(2);
  });

  it('survives its server: calls under way end, later ones reach the next', async () => {
    const { channel, server } = await serve(
      { unary: { ...echo, Hang: () => {} } },
      { channel: { firstPauseMs: 5, maxPauseMs: 10 } },
    );
    await channel.unary('/test.Service/Echo', bytes('x'));
    const hanging = faultOf(channel.unary('/test.Service/Hang', bytes('x')));
    const sent = channel.unary('/test.Service/Echo', bytes('behind it'));
    await sent;
    server.kill();
    expect(await hanging).toMatchObject({ code: GRPC_CODES.UNAVAILABLE });
    expect(await faultOf(channel.unary('/test.Service/Echo', bytes('x')))).toMatchObject({
      code: GRPC_CODES.UNAVAILABLE,
    });
    servers.push(await startGrpcServer('test.Service', { unary: echo }, { port: server.port }));
    await vi.waitFor(
      async () => expect(String(await channel.unary('/test.Service/Echo', bytes('back')))).toBe('back'),
      {
        timeout: 20_000,
        interval: 20,
      },
    );
  });

  it('goes on with a new connection when the server asks for it, and lets what is under way end', async () => {
    let release = (): void => {};
    const { channel, server } = await serve({
      unary: { ...echo, Hold: (call, answer) => (release = () => answer(null, call.request)) },
    });
    const held = channel.unary('/test.Service/Hold', bytes('held'));
    await channel.unary('/test.Service/Echo', bytes('x'));
    await vi.waitFor(() => expect(release.length).toBe(0), 10_000);
    // GOAWAY now; connections are cut only later.
    server.server.drain(`127.0.0.1:${server.port}`, 60_000);
    await vi.waitFor(
      async () => expect(String(await channel.unary('/test.Service/Echo', bytes('new')))).toBe('new'),
      {
        timeout: 20_000,
      },
    );
    release();
    expect(String(await held)).toBe('held');
  });

  it('ends everything when it is closed', async () => {
    const { channel } = await serve({ unary: { ...echo, Hang: () => {} } });
    await channel.unary('/test.Service/Echo', bytes('x'));
    const hanging = faultOf(channel.unary('/test.Service/Hang', bytes('x')));
    channel.close();
    expect((await hanging).code).toBe(GRPC_CODES.UNAVAILABLE);
    expect((await faultOf(channel.unary('/test.Service/Echo', bytes('x')))).code).toBe(
      GRPC_CODES.UNAVAILABLE,
    );
  });
});
