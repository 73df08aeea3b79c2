import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { LoggedRow } from '../../src/contracts/log-store.ts';
import { logRow } from '../../src/observability/requests/row.fixture.ts';
import { type FollowDeps, followRows } from './log-follow.ts';

const START = 1_764_000_000_000;
const row = (id: number): LoggedRow => ({ ...logRow({ call: `c${id}`, at: START + id * 1_000 }), id });

let server: Server;
/** What the log has, oldest first. */
let kept: LoggedRow[];
let asked: URL[];
/** Each connection of the stream in turn. */
let streams: ((out: ServerResponse, send: (id: number) => void) => void)[];

async function gateway(): Promise<string> {
  kept = [1, 2, 3, 4, 5].map(row);
  asked = [];
  server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://here');
    asked.push(url);
    if (url.pathname === '/api/logs') {
      const since = Number(url.searchParams.get('since') ?? 0);
      const limit = Number(url.searchParams.get('limit'));
      const rows = kept
        .filter(({ at }) => at >= since)
        .toReversed()
        .slice(0, limit);
      response.end(JSON.stringify({ rows }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 2000\n\n');
    const next = streams.shift();
    next?.(response, (id) => {
      if (!kept.some((one) => one.id === id)) kept.push(row(id));
      response.write(`event: row\ndata: ${JSON.stringify(row(id))}\n\n`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Follows until `last` was shown. */
async function followed(url: string, last: number): Promise<{ shown: number[]; away: string[] }> {
  const shown: number[] = [];
  const away: string[] = [];
  const deps: FollowDeps = {
    target: { url, token: 'hga-1' },
    away: (reason) => void away.push(reason),
    pause: async () => {
      if (shown.includes(last)) throw new Error('over');
    },
  };
  const query = new URLSearchParams({ team: 'red' });
  const take = (one: LoggedRow): void => {
    shown.push(one.id);
    if (one.id === last) server.closeAllConnections();
  };
  await expect(followRows(deps, query, 3, take, () => undefined)).rejects.toThrow('over');
  return { shown, away };
}

describe('rows that are followed', () => {
  it('begin with the last ones, and none is missed or shown twice while the gateway is away', async () => {
    const url = await gateway();
    streams = [
      (out, send) => {
        for (const id of [6, 7]) send(id);
        setTimeout(() => {
          // It went, and wrote on before it was asked again.
          kept.push(row(8), row(9));
          out.destroy();
        }, 50);
      },
      (_out, send) => {
        for (const id of [9, 10]) send(id);
      },
    ];
    const { shown, away } = await followed(url, 10);
    // Two had been written when it asked for the last three.
    expect(shown).toEqual([5, 6, 7, 8, 9, 10]);
    expect(away[0]).toMatch(/aborted|ended|reset|hang up/);
    // The filter is that of the gateway, for what was and for what comes.
    expect(asked.every(({ searchParams }) => searchParams.get('team') === 'red')).toBe(true);
  });

  it('say at once what is wrong where they cannot begin', async () => {
    const url = await gateway();
    server.close();
    server.closeAllConnections();
    const deps: FollowDeps = {
      target: { url, token: 't' },
      away: () => undefined,
      pause: async () => undefined,
    };
    await expect(
      followRows(
        deps,
        new URLSearchParams(),
        3,
        () => undefined,
        () => undefined,
      ),
    ).rejects.toThrow('cannot be reached');
  });
});
