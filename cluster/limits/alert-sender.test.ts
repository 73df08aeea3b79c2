import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAlertSender, signatureOf } from './alert-sender.ts';

let server: Server;
let url = '';
let answers: number[] = [];
const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
const outcomes: string[] = [];
const reasons: string[] = [];

beforeEach(async () => {
  answers = [];
  for (const list of [seen, outcomes, reasons]) list.length = 0;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      seen.push({ headers: request.headers, body });
      const status = answers.shift() ?? 200;
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const sender = (secret: string | null = null, tries: readonly number[] = [1, 1, 1]) =>
  createAlertSender(
    { url, secret, headers: { 'x-team': 'red' }, timeoutMs: 20_000 },
    {
      wall: () => 1_800_000_000_999,
      delivered: (outcome) => outcomes.push(outcome),
      failing: (reason) => reasons.push(reason),
    },
    tries,
  );

describe('an alert', () => {
  it('is signed as Standard Webhooks have it', async () => {
    const secret = `whsec_${Buffer.from('a secret of 24 bytes!!!!').toString('base64')}`;
    sender(secret).offer({ id: 'alert_1', body: '{"a":1}' });
    await vi.waitFor(() => expect(outcomes).toEqual(['sent']), { timeout: 20_000 });
    const { headers, body } = seen[0]!;
    expect(body).toBe('{"a":1}');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': 'alert_1',
      'webhook-timestamp': '1800000000',
      'x-team': 'red',
    });
    const mac = createHmac('sha256', 'a secret of 24 bytes!!!!').update('alert_1.1800000000.{"a":1}');
    expect(headers['webhook-signature']).toBe(`v1,${mac.digest('base64')}`);
    expect(signatureOf('plain', 'i', '1', 'b')).not.toBe(signatureOf('other', 'i', '1', 'b'));
  });

  it('is tried again under the same id, and the others wait behind it', async () => {
    answers = [500, 429, 200];
    const one = sender();
    one.offer({ id: 'a', body: 'A' });
    one.offer({ id: 'b', body: 'B' });
    await vi.waitFor(() => expect(outcomes).toEqual(['sent', 'sent']), { timeout: 20_000 });
    expect(seen.map(({ headers }) => headers['webhook-id'])).toEqual(['a', 'a', 'a', 'b']);
    expect(reasons).toEqual(['status 500']);
  });

  it('is given up where it is refused, and followed nowhere', async () => {
    answers = [400, 302];
    const one = sender();
    one.offer({ id: 'a', body: 'A' });
    one.offer({ id: 'b', body: 'B' });
    await vi.waitFor(() => expect(outcomes).toEqual(['refused', 'refused']), { timeout: 20_000 });
    expect(seen).toHaveLength(2);
  });

  it('is dropped after its tries, beyond what may wait, and when the gateway ends', async () => {
    answers = [500, 500, 500, 500];
    const one = sender();
    one.offer({ id: 'a', body: 'A' });
    await vi.waitFor(() => expect(outcomes).toEqual(['dropped']), { timeout: 20_000 });
    answers = Array<number>(5).fill(503);
    const two = sender(null, [1_000_000]);
    for (let at = 0; at < 1_002; at++) two.offer({ id: String(at), body: '' });
    expect(outcomes).toHaveLength(2);
    await vi.waitFor(() => expect(seen).toHaveLength(5), { timeout: 20_000 });
    answers = Array<number>(2_000).fill(503);
    await two.close(1);
    expect(outcomes.every((outcome) => outcome === 'dropped')).toBe(true);
    expect(outcomes).toHaveLength(1_003);
  });
});
