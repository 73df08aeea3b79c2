import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EdgeEvent } from '../../src/contracts/edge.ts';
import { createOutbox } from './outbox.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-outbox-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const event = (n: number): EdgeEvent => ({
  id: `e${n}`,
  at: n,
  outcome: 'blocked',
  app: '',
  reason: '',
  method: 'POST',
  path: '/',
  model: '',
  status: 403,
  durationMs: 0,
  bytesIn: 0,
  bytesOut: 0,
});

/** A centre that counts as the real one does. */
function centre() {
  const got: string[] = [];
  return {
    got,
    down: false,
    /** It takes what is sent, and its answer is lost. */
    deaf: false,
    async send(from: number, events: readonly EdgeEvent[]): Promise<number> {
      if (this.down) throw new Error('away');
      if (from === got.length) got.push(...events.map(({ id }) => id));
      if (this.deaf) throw new Error('lost');
      return got.length;
    },
  };
}
const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `e${n}`);

it('keeps all in order until the centre is back, over restarts, and then nothing', async () => {
  const far = centre();
  far.down = true;
  for (let n = 0; n < 1_200; n++) createOutbox(folder).add(event(n));
  await expect(createOutbox(folder).send(far)).rejects.toThrow('away');
  far.down = false;
  await createOutbox(folder).send(far);
  expect(far.got).toEqual(names(1_200));
  expect(createOutbox(folder).waiting.bytes).toBe(0);
  expect(existsSync(path.join(folder, 'events.jsonl'))).toBe(false);
  // It goes on counting.
  createOutbox(folder).add(event(1_200));
  await createOutbox(folder).send(far);
  expect(far.got).toEqual(names(1_201));
});

it('what the centre took without being heard is not there twice', async () => {
  const far = centre();
  const outbox = createOutbox(folder);
  for (let n = 0; n < 3; n++) outbox.add(event(n));
  far.deaf = true;
  await expect(outbox.send(far)).rejects.toThrow('lost');
  far.deaf = false;
  outbox.add(event(3));
  await Promise.all([outbox.send(far), outbox.send(far)]);
  expect(far.got).toEqual(names(4));
});

it('a folder that was lost, and half a line, stop nothing', async () => {
  const far = centre();
  far.got.push('before');
  const outbox = createOutbox(folder);
  outbox.add(event(1));
  appendFileSync(path.join(folder, 'events.jsonl'), '{"id":"half\n');
  outbox.add(event(2));
  await outbox.send(far);
  expect(far.got).toEqual(['before', 'e1', 'e2']);
});

it('holds so much and no more', () => {
  const outbox = createOutbox(folder, 1_000);
  for (let n = 0; n < 20; n++) outbox.add(event(n));
  const { bytes, dropped } = outbox.waiting;
  expect(bytes).toBeLessThanOrEqual(1_000);
  expect(readFileSync(path.join(folder, 'events.jsonl'), 'utf8').trim().split('\n')).toHaveLength(
    20 - dropped,
  );
  expect(dropped).toBeGreaterThan(0);
});
