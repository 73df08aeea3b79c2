import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startSlowRedis } from './slow-redis.ts';

test('bytes pass in both directions, whole and in order, and not sooner than told', async () => {
  const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  onTestFinished(() => void echo.close());
  await once(echo, 'listening');
  const address = echo.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const slow = await startSlowRedis(`redis://:secret@127.0.0.1:${address.port}/3`, 60, [0, 1]);
  onTestFinished(() => slow.stop());
  expect(slow.url).toMatch(/^redis:\/\/:secret@127\.0\.0\.1:\d+\/3$/);

  const socket = connect(Number(new URL(slow.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const begin = performance.now();
  let text = '';
  socket.on('data', (bytes) => {
    text += String(bytes);
  });
  const sent = Array.from({ length: 200 }, (_, i) => `${i},`);
  for (const piece of sent) socket.write(piece);
  await once(socket, 'data');
  // A timer never fires early by more than a millisecond each way.
  expect(performance.now() - begin).toBeGreaterThanOrEqual(58);
  socket.end();
  await once(socket, 'close');
  expect(text).toBe(sent.join(''));
});
