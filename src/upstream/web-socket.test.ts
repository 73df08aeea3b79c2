import { afterEach, expect, it, vi } from 'vitest';
import { type DnsServer, startDnsServer } from '../../tests/kit/dns-server.ts';
import { createNames } from '../dns/names.ts';
import { createLeanUpstream } from './lean-client.ts';
import { closePeers, listen } from './peer.fixture.ts';

let dns: DnsServer | null = null;
afterEach(() => {
  vi.useRealTimers();
  closePeers();
  dns?.close();
  dns = null;
});

const CONNECT_MS = 100_000;

/** Opens a session. @returns what is heard of it, in order */
function open(baseUrl: string, servers?: string[]): { heard: string[]; abort(): void } {
  const heard: string[] = [];
  const upstream = createLeanUpstream({
    baseUrl,
    connections: 1,
    connectTimeoutMs: CONNECT_MS,
    ...(servers === undefined ? {} : { names: createNames({ servers, timeoutMs: 10 * CONNECT_MS }) }),
  });
  const { abort } = upstream.openSocket!(
    { path: '/live', headers: {}, protocols: [] },
    {
      opened: () => heard.push('opened'),
      refused: (status) => heard.push(`refused ${status}`),
      message: () => heard.push('message'),
      drained: () => undefined,
      closed: () => heard.push('closed'),
      failed: ({ message }) => heard.push(message),
    },
  );
  return { heard, abort };
}

const holdTime = (): unknown => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
/** Behind the reads of this turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('a session whose opening is not answered is given up, and its connection with it', async () => {
  const peer = await listen(() => undefined);
  holdTime();
  const { heard } = open(`http://127.0.0.1:${peer.port}`);
  await vi.waitFor(() => expect(peer.received[0]).toContain('GET /live'), 20_000);
  vi.advanceTimersByTime(20_000);
  await turn();
  expect(heard).toEqual([]);
  vi.advanceTimersByTime(10_000);
  await vi.waitFor(() => expect(peer.connections[0]!.destroyed).toBe(true), 20_000);
  expect(heard).toEqual(['its opening was not answered in time']);
});

it('one that does not come to be connected is given up before, or when nobody wants it any more', async () => {
  dns = await startDnsServer({ 'silent.test': 'silent' });
  holdTime();
  const [late, left] = [open('http://silent.test', [dns.address]), open('http://silent.test', [dns.address])];
  left.abort();
  vi.advanceTimersByTime(CONNECT_MS);
  await turn();
  expect([late.heard, left.heard]).toEqual([['it was not connected in time'], []]);
});

it('one that is refused, or cut, is told so, and no deadline is left', async () => {
  const refusing = await listen((socket) =>
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno'),
  );
  const cutting = await listen((socket) => socket.destroy());
  holdTime();
  const [refused, cut] = [refusing, cutting].map(({ port }) => open(`http://127.0.0.1:${port}`).heard);
  await vi.waitFor(() => expect([refused!.length, cut!.length]).toEqual([1, 1]), 20_000);
  expect(refused).toEqual(['refused 403']);
  expect(cut).toEqual([expect.stringMatching(/hang up|ECONNRESET/)]);
  expect(vi.getTimerCount()).toBe(0);
});
