// TLS as client of one host.
import { isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { type ConnectionOptions, connect, createSecureContext, type TLSSocket } from 'node:tls';

/** The largest TLS record; OpenSSL hands out no more at once. */
const READ_BYTES = 16 * 1024;

/** Whom to trust and who we are, as PEM. */
export interface TlsIdentity {
  /** The only authorities to trust, in place of the well-known ones. */
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  /** Asked for and checked in place of the host's name. */
  serverName?: string | undefined;
}

/** Asked for by ALPN. */
export type TlsProtocol = 'http/1.1' | 'h2';

/** Called with each read: `count` bytes at the start of the buffer that was given out. */
export type ReadInto = (buffer: Buffer, count: number) => void;

/** TLS as client of one host. */
export interface TlsLayer {
  /** A socket of its own; `connect` tells that TCP stands. @param read null: it is read as a stream. */
  connect(tcp: TcpNetConnectOpts, read: ReadInto | null): TLSSocket;
  /** Over a connected socket. It is read as a stream: node gives no buffer of ours to such ones. */
  over(socket: Socket): TLSSocket;
}

/** @throws when a certificate or key cannot be used. */
export function createTlsLayer(
  host: string,
  identity: TlsIdentity,
  protocol: TlsProtocol = 'http/1.1',
): TlsLayer {
  const { ca, cert, key, serverName } = identity;
  const secureContext = createSecureContext({
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
  const name = serverName ?? host;
  let session: Buffer | undefined;

  function open(options: ConnectionOptions & { onread?: unknown }): TLSSocket {
    const socket = connect({
      ...options,
      secureContext,
      // SNI knows no addresses; the certificate is checked against `host` then.
      servername: isIP(name) === 0 ? name : '',
      // Stated, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off.
      rejectUnauthorized: true,
      ALPNProtocols: [protocol],
      session,
    });
    socket.on('session', (ticket) => {
      session = ticket;
    });
    return socket;
  }

  return {
    // `onread` is documented for tls.connect too, @types/node do not know it there. The buffer is the socket's own:
    // OpenSSL may have more for one socket while the callback of another runs.
    connect: (tcp, read) =>
      open(read === null ? tcp : { ...tcp, onread: readInto(Buffer.allocUnsafeSlow(READ_BYTES), read) }),
    over: (socket) => open({ socket, host: name }),
  };
}

/** node's `onread`: reads go into one buffer of ours instead of a new one each. */
export function readInto(
  buffer: Buffer,
  read: ReadInto,
): { buffer: Buffer; callback(count: number): boolean } {
  return {
    buffer,
    callback(count) {
      read(buffer, count);
      return true;
    },
  };
}
