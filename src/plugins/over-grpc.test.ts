// A plugin behind a gRPC server that is slow, wrong, or gone: over a real connection, to a server that is made for it.
import { create, toBinary } from '@bufbuild/protobuf';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_PLUGIN } from '../config/schema/defaults.ts';
import type { PluginConfig } from '../contracts/plugin-config.ts';
import { createNames } from '../dns/names.ts';
import {
  DeltaDecisionSchema,
  DescribeResponseSchema,
  RequestDecisionSchema,
} from '../grpc/plugin-messages.ts';
import { createGrpcChannel } from '../upstream/http2/grpc-channel.ts';
import { requestDecision } from './decision.ts';
import { PluginHost } from './host.ts';
import { createOverGrpc } from './over-grpc.ts';

const servers: Http2Server[] = [];
const hosts: PluginHost[] = [];
afterEach(() => {
  for (const host of hosts.splice(0)) host.retire();
  for (const server of servers.splice(0)) server.close();
});

const framed = (message: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

function reply(stream: ServerHttp2Stream, body: Buffer, status = '0'): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
  stream.end(body);
}

const described = framed(
  toBinary(DescribeResponseSchema, create(DescribeResponseSchema, { hooks: ['onRequest', 'onDelta'] })),
);

/** A plugin whose server does this with a hook. */
async function plugin(
  does: (stream: ServerHttp2Stream, path: string) => void,
  more: Partial<PluginConfig> = {},
): Promise<{ host: PluginHost; ran: string[]; sessions: Set<{ destroy(): void }> }> {
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => undefined);
    const path = String(headers[':path']);
    if (path.endsWith('/Describe')) reply(stream, described);
    else does(stream, path);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ran: string[] = [];
  const clock = { now: () => performance.now(), wall: () => Date.now() };
  const config: PluginConfig = {
    ...DEFAULT_PLUGIN,
    name: 'soft',
    mode: 'grpc',
    module: null,
    print: '',
    url: `grpc://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hooks: null,
    options: {},
    when: {},
    headers: [],
    timeoutMs: 20_000,
    ...more,
  };
  const host = new PluginHost(config, {
    clock,
    create: createOverGrpc(({ url }) =>
      createGrpcChannel(url!, { names: createNames(), now: () => clock.now(), random: Math.random }, {}),
    ),
    log: () => undefined,
    ran: (_plugin, hook, outcome) => ran.push(`${hook} ${outcome}`),
  });
  hosts.push(host);
  await vi.waitFor(async () => {
    await host.ready;
    expect(host.state).toBe('on');
  }, 20_000);
  return { host, ran, sessions };
}

const call = { id: 'req_1', tags: [], metadata: {} };
const asked = () => ({ call, headers: {}, body: null });

describe('a plugin behind a gRPC server', () => {
  it('decides, on requests and on what is said', async () => {
    const { host } = await plugin((stream, path) => {
      const message = path.endsWith('/OnDelta')
        ? toBinary(DeltaDecisionSchema, create(DeltaDecisionSchema, { text: '' }))
        : toBinary(RequestDecisionSchema, create(RequestDecisionSchema, { model: 'other' }));
      reply(stream, framed(message));
    });
    expect(host.has('onDelta')).toBe(true);
    expect(requestDecision(await host.ask('onRequest', asked))).toEqual({ model: 'other' });
    const said = { call, kind: 'text', block: 0, choice: 0, text: 'a', last: false };
    expect(await host.ask('onDelta', () => said)).toEqual({ text: '' });
  });

  it('that is slow is waited for no longer than its time, and the call goes on', async () => {
    const { host, ran } = await plugin(() => undefined, { timeoutMs: 40 });
    expect(await host.ask('onRequest', asked)).toBeUndefined();
    expect(ran).toHaveLength(1);
    expect(ran[0]).toMatch(/^onRequest (?:timeout|error)$/);
  });

  it.each<[string, (stream: ServerHttp2Stream) => void]>([
    ['a status that is none of success', (stream) => reply(stream, Buffer.alloc(0), '13')],
    ['bytes that are no message', (stream) => reply(stream, framed(Buffer.from('\xff\xff\xff', 'latin1')))],
    ['a frame that promises more than comes', (stream) => reply(stream, Buffer.from([0, 0, 0, 1, 0, 1]))],
    ['no message at all', (stream) => reply(stream, Buffer.alloc(0))],
    ['a reset', (stream) => stream.close(2)],
  ])(
    'that answers with %s is passed by, or refuses the call, as the configuration says',
    async (_what, does) => {
      const open = await plugin(does);
      expect(await open.host.ask('onRequest', asked)).toBeUndefined();
      expect(open.ran).toEqual(['onRequest error']);
      const closed = await plugin(does, { onError: 'closed' });
      await expect(closed.host.ask('onRequest', asked)).rejects.toMatchObject({ code: 'GW_PLUGIN_FAILED' });
    },
  );

  it('that is killed in the middle of a question lets the call go on, and rests', async () => {
    const { host, sessions } = await plugin(
      () =>
        setImmediate(() => {
          for (const session of sessions) session.destroy();
        }),
      { maxErrors: 1 },
    );
    expect(await host.ask('onRequest', asked)).toBeUndefined();
    expect(host.view()).toMatchObject({ state: 'resting', reason: 'errors' });
  });
});
