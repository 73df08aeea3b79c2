// A forward proxy from its URL. Pure.
import { Buffer } from 'node:buffer';
import { bareHost } from '../dns/address.ts';

export interface Proxy {
  /** It is itself spoken to over TLS. */
  secure: boolean;
  host: string;
  port: number;
  /** Value of `proxy-authorization`; null without a user. */
  authorization: string | null;
}

/** @param url http or https, with user and password or without: config/proxy-url.ts has checked it. */
export function proxyOf(url: string): Proxy {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'https:';
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    secure,
    host: bareHost(hostname),
    // As curl has it: a proxy without a port listens on 1080, but these are HTTP's own.
    port: Number(port || (secure ? 443 : 80)),
    authorization: login === ':' ? null : `Basic ${Buffer.from(login, 'utf8').toString('base64')}`,
  };
}
