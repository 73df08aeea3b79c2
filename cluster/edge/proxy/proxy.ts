// The edge as a proxy for HTTPS: connections to hosts that the policy names are opened and go the way of all requests here; all others are
// handed through as they are. For apps that cannot be told another address. Nothing is opened unless this machine was started so, the policy
// says so, and its person trusts the authority.
//
//   CONNECT api.vendor:443 ─ our key? ─► named by the policy? ──no──► bytes to the vendor, unread
//                                              │yes
//                                    TLS, certificate of the centre ─► request ─ path named? ─► guard ─► gate
//                                                                                    └─no──► vendor, as it came
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { EdgeEvent, EdgeHost, EdgeOrders } from '../../../src/contracts/edge.ts';
import { nodeHttp, nodeHttps } from '../../../src/wire/node-http.ts';
import type { EdgeAgent } from '../passage/agent.ts';
import type { BlockedServer } from '../guard/guard.ts';
import { appOfKey } from '../guard/local-keys.ts';
import { appOfUserAgent } from '../guard/user-agents.ts';
import { withoutHop } from '../passage/hop-headers.ts';
import { passOn, refuse } from '../passage/passage.ts';
import type { Leaves } from './leaves.ts';

export interface EdgeProxyDeps {
  readonly agent: Pick<EdgeAgent, 'take' | 'takeSocket' | 'deny'>;
  readonly leaves: Leaves;
  /** Password of who may use it; the user is of no meaning. */
  readonly localKey: string;
  orders(): EdgeOrders | null;
  blocked(): readonly BlockedServer[];
  record(event: EdgeEvent): void;
  /** ms since 1970. */
  now(): number;
  /** Where a vendor's host is; for tests. */
  addressOf?(host: string, port: number): { host: string; port: number };
  /** How vendors are known. */
  readonly vendorTls?: { readonly ca: string };
}

interface Opened {
  readonly host: EdgeHost;
  readonly app: string;
  /** A request came on it: the certificate was believed. */
  used: boolean;
}

/** Node and others hang up without a word; once that may be anything. */
const SILENT_TIMES = 2;

/** An app that did not trust the authority is left alone for so long: it has keys of its own, or nobody told it. */
const PINNED_MS = 600_000;

/** Not listening yet. */
export function createEdgeProxy(deps: EdgeProxyDeps): Server {
  const { agent, leaves, localKey, now } = deps;
  const addressOf = deps.addressOf ?? ((host: string, port: number) => ({ host, port }));
  const opened = new WeakMap<Duplex, Opened>();
  const pinned = new Map<string, number>();
  /** How often in a row connections were closed behind the certificate, by app and host. */
  const silent = new Map<string, number>();
  const vendors = new (nodeHttps().Agent)({ keepAlive: true, ...deps.vendorTls });

  const inner = nodeHttp().createServer((incoming, response) => {
    const found = opened.get(incoming.socket);
    if (found === undefined) response.destroy();
    else {
      believed(found);
      void request(found, incoming, response);
    }
  });
  inner.requestTimeout = 0;
  inner.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    const found = opened.get(incoming.socket);
    const path = found === undefined ? null : gatePath(found.host, incoming.url ?? '/');
    if (found === undefined || path === null)
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    else {
      believed(found);
      agent.takeSocket({ incoming, app: appOf(found, incoming), path }, socket, head);
    }
  });

  async function request(
    { host, app }: Opened,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const url = incoming.url ?? '/';
    const asking = { incoming, app: appOf({ app }, incoming), path: gatePath(host, url) ?? url };
    if (gatePath(host, url) !== null) agent.take(asking, response);
    else if (host.other === 'block')
      agent.deny(asking, response, {
        reason: `host:${host.host}`,
        message: `The gate's policy lets nothing but model calls go to ${host.host}.`,
      });
    else {
      const place = addressOf(host.host, 443);
      const end = await passOn(
        incoming,
        response,
        {
          origin: `https://${place.host}:${place.port}`,
          path: url,
          headers: { ...withoutHop(incoming.headers), host: host.host },
          agent: vendors,
          servername: host.host,
        },
        null,
      );
      if (end.kind === 'away' || (end.kind === 'broken' && !end.begun))
        refuse(response, 502, `${host.host} cannot be reached (${end.code}).`, randomUUID());
    }
  }

  const server = nodeHttp().createServer((_incoming, response) => {
    refuse(response, 400, 'This proxy is for HTTPS alone: set HTTPS_PROXY, not HTTP_PROXY.', randomUUID());
  });
  server.on('connect', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const app = appOfLogin(incoming, localKey);
    if (app === null) {
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="headgate edge"\r\nconnection: close\r\n\r\n',
      );
      return;
    }
    const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(incoming.url ?? '') ?? [];
    if (host === '' || Number(port) > 65_535) {
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      return;
    }
    void through({ host: host.toLowerCase(), port: Number(port), app }, socket, head);
  });
  server.once('close', () => {
    inner.close();
    vendors.destroy();
  });

  async function through(
    { host, port, app }: { host: string; port: number; app: string },
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    const refused = deps.blocked().find(({ verdict }) => hostOf(verdict.target) === host);
    if (refused !== undefined) {
      note({ host, app }, `server:${refused.names[0] ?? host}`, 403);
      socket.end(
        `HTTP/1.1 403 Denied by the gate\r\nconnection: close\r\ncontent-type: text/plain\r\n\r\nThe MCP server at ${host} is denied.\n`,
      );
      return;
    }
    const intercept = deps.orders()?.policy.intercept;
    const named =
      intercept?.enabled === true && port === 443
        ? intercept.hosts.find((one) => one.host === host)
        : undefined;
    if (named === undefined || (pinned.get(`${app} ${host}`) ?? 0) > now()) {
      tunnel(addressOf(host, port), socket, head);
      return;
    }
    try {
      const secureContext = await leaves.contextOf(host);
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      if (head.length > 0) socket.unshift(head);
      const secure = new TLSSocket(socket as never, {
        isServer: true,
        secureContext,
        ALPNProtocols: ['http/1.1'],
      }); // a socket of node:http’s
      opened.set(secure, { host: named, app, used: false });
      secure.once('secure', () => inner.emit('connection', secure));
      secure.on('error', (error: NodeJS.ErrnoException) => {
        if (/CERT|UNKNOWN_CA|ALERT/i.test(error.code ?? '')) leaveAlone({ host, app });
        socket.destroy();
      });
      // Sockets of node:http stay open when the other side has ended.
      secure.once('end', () => {
        if (opened.get(secure)?.used === false) secure.destroy();
      });
      secure.once('close', () => {
        socket.destroy();
        if (opened.get(secure)?.used !== false) return;
        const times = (silent.get(`${app} ${host}`) ?? 0) + 1;
        silent.set(`${app} ${host}`, times);
        if (times >= SILENT_TIMES) leaveAlone({ host, app });
      });
    } catch (error) {
      // Handed through unread it would be what the policy forbids.
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      note({ host, app }, `certificate:${code}`, 502);
      socket.end('HTTP/1.1 502 No certificate from the gate\r\nconnection: close\r\n\r\n');
    }
  }

  function believed(connection: Opened): void {
    connection.used = true;
    silent.delete(`${connection.app} ${connection.host.host}`);
  }
  /** It hung up on the certificate: it trusts none but its own. */
  function leaveAlone({ host, app }: { host: string; app: string }): void {
    if ((pinned.get(`${app} ${host}`) ?? 0) > now()) return;
    pinned.set(`${app} ${host}`, now() + PINNED_MS);
    silent.delete(`${app} ${host}`);
    note({ host, app }, `pinned:${host}`, 0);
  }
  function note({ host, app }: { host: string; app: string }, reason: string, status: number): void {
    deps.record({
      id: randomUUID(),
      at: now(),
      outcome: status === 403 ? 'blocked' : 'failed',
      app,
      reason,
      method: 'CONNECT',
      path: `/${host}`,
      model: '',
      status,
      durationMs: 0,
      bytesIn: 0,
      bytesOut: 0,
    });
  }
  return server;
}

/** Null: the path is none of the gate's. */
function gatePath({ routes }: EdgeHost, url: string): string | null {
  const route = routes.find(({ path }) => url.startsWith(path));
  return route === undefined ? null : `${route.to}${url.slice(route.path.length)}`;
}

const appOf = ({ app }: { app: string }, { headers }: IncomingMessage): string =>
  app === '' ? appOfUserAgent(headers['user-agent'] ?? '') : app;

/** Null: it may not. */
function appOfLogin({ headers }: IncomingMessage, localKey: string): string | null {
  const login = /^basic +(\S+)$/i.exec(headers['proxy-authorization'] ?? '')?.[1];
  if (login === undefined) return null;
  const text = Buffer.from(login, 'base64').toString('utf8');
  return appOfKey(decodeURIComponent(text.slice(text.indexOf(':') + 1)), localKey);
}

function hostOf(target: string): string {
  return URL.canParse(target) ? new URL(target).hostname : '';
}

function tunnel({ host, port }: { host: string; port: number }, socket: Duplex, head: Buffer): void {
  const other = connect(port, host.replace(/^\[|\]$/g, ''));
  const end = (): void => {
    socket.destroy();
    other.destroy();
  };
  other.once('connect', () => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    other.write(head);
    socket.pipe(other).pipe(socket);
  });
  other.once('error', () => {
    if (socket.writable) socket.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n');
    end();
  });
  socket.once('close', end);
  other.once('close', end);
}
