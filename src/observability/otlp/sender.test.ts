import { afterEach, beforeEach, expect, it } from 'vitest';
import { type OtlpReceiver, startOtlpReceiver } from '../../../tests/kit/otlp.ts';
import { createSender, type OtlpSender, type SenderOptions } from './sender.ts';

let receiver: OtlpReceiver;
let dropped: number;
let reasons: string[];

beforeEach(async () => {
  receiver = await startOtlpReceiver();
  dropped = 0;
  reasons = [];
});
afterEach(() => receiver.close());

const senderOf = (change: Partial<SenderOptions> = {}): OtlpSender =>
  createSender({
    url: `${receiver.url}/v1/traces`,
    headers: { 'x-tenant': 'a' },
    timeoutMs: 30_000,
    dropped: (records) => {
      dropped += records;
    },
    failing: (reason) => void reasons.push(reason),
    ...change,
  });
const batch = (records: number, bytes = 0) => ({ body: Buffer.alloc(bytes), records });

it('sends what is offered, in order, with the headers that were stated', async () => {
  const sender = senderOf();
  sender.offer(batch(1));
  sender.offer(batch(2));
  await sender.close(30_000);
  expect(receiver.headers).toHaveLength(2);
  expect(receiver.headers[0]).toMatchObject({ 'x-tenant': 'a', 'content-type': 'application/x-protobuf' });
  expect(dropped).toBe(0);
});

it('tries again what the receiver cannot take now, and says so once', async () => {
  receiver.answer(503);
  const sender = senderOf();
  sender.offer(batch(3));
  await expect.poll(() => receiver.headers.length).toBeGreaterThan(0);
  receiver.answer(200);
  await expect.poll(() => receiver.headers.length).toBeGreaterThan(1);
  await sender.close(30_000);
  expect(dropped).toBe(0);
  expect(reasons).toEqual(['status 503']);
});

it('gives up what is refused for good, and counts it', async () => {
  receiver.answer(400);
  const sender = senderOf();
  sender.offer(batch(3));
  await sender.close(30_000);
  expect(receiver.headers).toHaveLength(1);
  expect(dropped).toBe(3);
});

it('drops what does not fit while the receiver is gone, and gives up the rest at the end', async () => {
  const { url } = receiver;
  await receiver.close();
  const sender = senderOf({ url: `${url}/v1/traces`, maxBytes: 100 });
  sender.offer(batch(1, 60));
  sender.offer(batch(2, 60));
  sender.offer(batch(4, 60));
  await expect.poll(() => reasons.length).toBe(1);
  await sender.close(1);
  expect(dropped).toBe(7);
  receiver = await startOtlpReceiver();
});
