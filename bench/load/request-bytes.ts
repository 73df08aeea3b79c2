// A whole request as bytes: sent again and again, made once.
import type { Dialect, Endpoint } from '../contract.ts';
import { askOf, requestBody } from './request-body.ts';

export const DEFAULT_BODY_BYTES = 1024;

export function requestBytes(
  { port, path, headers, model }: Endpoint,
  { dialect, bytes, streamed }: { dialect: Dialect; bytes: number; streamed: boolean },
): Buffer {
  const body = Buffer.from(requestBody({ dialect, model, bytes, streamed, ...askOf(path) }));
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head =
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
    `${more.join('')}content-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
