// A tunnel through a proxy: CONNECT on a connected socket (RFC 9110 section 9.3.6).
import type { Socket } from 'node:net';
import { WireFault } from './wire-fault.ts';

const MAX_HEAD_BYTES = 16 * 1024;

export interface Tunnelled {
  opened(): void;
  refused(fault: Error): void;
}

/**
 * Asks the proxy behind `socket` for a connection to `target` (`host:port`, an IPv6 host in brackets). Its listeners are
 * off the socket when it tells.
 */
export function openTunnel(
  socket: Socket,
  target: string,
  authorization: string | null,
  told: Tunnelled,
): void {
  let head = '';

  function done(fault: Error | null): void {
    socket.off('data', read);
    socket.off('end', ended);
    socket.off('close', ended);
    socket.off('error', done);
    if (fault === null) told.opened();
    else told.refused(fault);
  }

  function ended(): void {
    done(new WireFault('CUT', 'the proxy closed the connection'));
  }

  function read(chunk: Buffer): void {
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) {
      if (head.length > MAX_HEAD_BYTES) done(new WireFault('PROXY_REFUSED', 'the proxy does not speak HTTP'));
      return;
    }
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
    if (status === undefined) done(new WireFault('PROXY_REFUSED', 'the proxy does not speak HTTP'));
    else if (!status.startsWith('2'))
      done(new WireFault('PROXY_REFUSED', `the proxy answered ${status} to CONNECT ${target}`));
    // Whom we reach speaks second: what comes now is not its.
    else if (head.length > end + 4)
      done(new WireFault('PROXY_REFUSED', 'the proxy sent more than its answer'));
    else {
      // TLS takes over the reading.
      socket.pause();
      done(null);
    }
  }

  socket.on('data', read);
  socket.on('end', ended);
  socket.on('close', ended);
  socket.on('error', done);
  const login = authorization === null ? '' : `proxy-authorization: ${authorization}\r\n`;
  socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${login}\r\n`, 'latin1');
}
