// Opens sockets to one origin. Reads go into a buffer of ours instead of a new one each (node's `onread`): nothing is
// allocated for a read and no stream machinery runs for it; the parser copies out what is kept.
import { connect as connectPlain, isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createSecureContext } from 'node:tls';

/** The next address of a host is tried after so long. Node's 250 ms is less than a round trip to the far side. */
const NEXT_ADDRESS_MS = 500;
/** First TCP keep-alive probe on a silent connection. */
const PROBE_MS = 60_000;
const READ_BYTES = 64 * 1024;
/** The largest TLS record; OpenSSL hands out no more at once. */
const TLS_READ_BYTES = 16 * 1024;

/** Hears of one socket. */
export interface SocketListener {
  /** Connected; over TLS: its certificate was accepted. */
  ready(): void;
  /** The first `count` bytes of `bytes` came; they are overwritten by the next read. */
  read(bytes: Buffer, count: number): void;
  /** The peer closed properly. */
  ended(): void;
  failed(error: Error): void;
  closed(): void;
}

export type Dial = (listener: SocketListener) => Socket;

/**
 * @param ca PEM of the authority to trust instead of the well-known ones.
 *   What is no certificate trusts nobody.
 * @throws when the origin is neither http nor https.
 */
export function createDial(origin: URL, ca: string | undefined): Dial {
  if (origin.protocol !== 'https:' && origin.protocol !== 'http:') {
    throw new TypeError(`no connections can be made for ${origin.protocol}`);
  }
  const secure = origin.protocol === 'https:';
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  const common = {
    host,
    port: Number(origin.port || (secure ? 443 : 80)),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_MS,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
  } satisfies TcpNetConnectOpts;
  return secure ? tlsDial(common, ca) : plainDial(common);
}

function plainDial(options: TcpNetConnectOpts): Dial {
  // One buffer for all: a read is over when its callback returns, and no read begins inside another. Windows fills the
  // buffer before it tells, so there each socket needs its own.
  const shared = process.platform === 'win32' ? null : Buffer.allocUnsafeSlow(READ_BYTES);
  return (listener) => {
    const socket = connectPlain({ ...options, onread: reader(listener, shared ?? Buffer.alloc(READ_BYTES)) });
    socket.once('connect', () => listener.ready());
    return listened(socket, listener);
  };
}

function tlsDial(options: TcpNetConnectOpts & { host: string }, ca: string | undefined): Dial {
  const secureContext = createSecureContext(ca === undefined ? {} : { ca });
  let session: Buffer | undefined;
  return (listener) => {
    // `onread` is documented for tls.connect too, @types/node do not know it there. The buffer is the socket's own:
    // OpenSSL may have more for one socket while the callback of another runs.
    const more: ConnectionOptions & { onread: unknown } = {
      secureContext,
      // SNI knows no addresses; the certificate is checked against `host` all the same.
      servername: isIP(options.host) === 0 ? options.host : '',
      // Stated, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off.
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
      session,
      onread: reader(listener, Buffer.allocUnsafeSlow(TLS_READ_BYTES)),
    };
    const socket = connectTls({ ...options, ...more });
    socket.on('session', (ticket) => {
      session = ticket;
    });
    socket.once('secureConnect', () => listener.ready());
    return listened(socket, listener);
  };
}

function reader(listener: SocketListener, buffer: Buffer) {
  const callback = (count: number): boolean => {
    listener.read(buffer, count);
    return true;
  };
  return { buffer, callback };
}

function listened<S extends Socket>(socket: S, listener: SocketListener): S {
  socket.on('end', () => listener.ended());
  socket.on('error', (error) => listener.failed(error));
  socket.on('close', () => listener.closed());
  return socket;
}
