// A forward proxy on loopback as companies have them: CONNECT, and http URLs asked for whole. It finds names that nobody
// else knows, and notes what it was asked.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface ForwardProxyOptions {
  /** Addresses of names; any other is reached as it is. */
  names?: Record<string, string>;
  /** `user:password` it wants. */
  login?: string;
  /** Answers every CONNECT with this status. */
  refuse?: number;
  /** Is spoken to over TLS. */
  tls?: { key: string; cert: string };
  /** Sent behind the answer to CONNECT. */
  behind?: string;
}

export interface ForwardProxy {
  port: number;
  /** `CONNECT host:port` or `POST http://host/path`, in order. */
  asked: string[];
  /** Sockets of clients that are open. */
  open(): number;
  close(): void;
}

export async function startForwardProxy(options: ForwardProxyOptions = {}): Promise<ForwardProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = options.tls === undefined ? createServer() : createTlsServer(options.tls);
  const wanted =
    options.login === undefined ? null : `Basic ${Buffer.from(options.login).toString('base64')}`;
  const mayPass = (head: IncomingMessage): boolean =>
    wanted === null || head.headers['proxy-authorization'] === wanted;
  const place = (host: string): string => options.names?.[host] ?? host.replace(/^\[|\]$/g, '');

  server.on(options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('request', (head: IncomingMessage, answer: ServerResponse) => {
    asked.push(`${head.method} ${head.url}`);
    if (!mayPass(head)) {
      answer.writeHead(407, { 'proxy-authenticate': 'Basic realm="test"' }).end('login');
      return;
    }
    const url = new URL(head.url!);
    const headers = { ...head.headers };
    delete headers['proxy-authorization'];
    const onward = request({
      host: place(url.hostname),
      port: url.port || 80,
      method: head.method,
      path: url.pathname + url.search,
      headers,
    });
    onward.on('response', (from) => {
      answer.writeHead(from.statusCode!, from.headers);
      from.pipe(answer);
    });
    onward.on('error', () => answer.writeHead(502).end());
    head.pipe(onward);
  });
  server.on('connect', (head: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${head.url}`);
    socket.on('error', () => {});
    if (!mayPass(head)) return void socket.end('HTTP/1.1 407 Login\r\ncontent-length: 0\r\n\r\n');
    if (options.refuse !== undefined) return void socket.end(`HTTP/1.1 ${options.refuse} No\r\n\r\n`);
    const { hostname, port } = new URL(`http://${head.url}`);
    const onward = connect(Number(port || 80), place(hostname), () => {
      socket.write(`HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n${options.behind ?? ''}`);
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    open: () => sockets.size,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
