// Row A01: how long it takes to refuse a key says nothing of how near it is to one that holds. Two kinds of keys that nobody has, one of
// them all but the last letters of a real one, are refused in turn, and their times compared by Welch's t-test as dudect does
// (Reparaz, Balasch, Verbauwhede 2017): the slowest tenth is left out, since it is the machine's.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createFrameWriter } from '../../../src/governance/issued-frame.ts';
import { credentialHash, issueCredential } from '../../../src/governance/virtual-key.ts';
import { createCallers } from '../../../src/pipeline/who/callers.ts';
import { directoryOf } from '../../../src/pipeline/who/directory.ts';
import { IssuedKeys } from '../../../src/pipeline/who/issued-keys.ts';

const SAMPLES = 100_000;
const BAR = 4.5;

test('A01: near keys are refused as far ones are', () => {
  const secret = randomBytes(32);
  const issued = new IssuedKeys();
  const writer = createFrameWriter();
  const real: string[] = [];
  for (let n = 0; n < 10_000; n++) {
    const key = issueCredential('key', randomBytes);
    real.push(key);
    writer.add(`key_${n}`, [
      [credentialHash(secret, key), JSON.stringify({ name: `k${n}`, id: `key_${n}` })],
    ]);
  }
  issued.learn(writer.take(), new Uint8Array(), secret.toString('base64'));
  const file = directoryOf(
    real.slice(0, 20).map((value, n) => ({ name: `file-${n}`, value: `${value}-file` })),
  );
  const callers = createCallers(file, issued);
  const near = (): string => `${real[Math.floor(Math.random() * real.length)]!.slice(0, -4)}zzzz`;
  const far = (): string => issueCredential('key', randomBytes);

  const times: [number[], number[]] = [[], []];
  for (let n = 0; n < 2 * SAMPLES; n++) {
    const kind = Math.random() < 0.5 ? 0 : 1;
    // Made before the clock runs, whole: a rope would be flattened on the way.
    // Both each time: what a maker leaves in the caches of the processor is no matter of the key.
    const made = [near(), far()].map((text) => Buffer.from(text).toString('latin1'));
    const key = made[kind]!;
    const begun = process.hrtime.bigint();
    const found = callers.find(key);
    const took = Number(process.hrtime.bigint() - begun);
    expect(found).toBeNull();
    // The first ones are compiled on the way.
    if (n > SAMPLES / 10) times[kind].push(took);
  }
  const t = welch(cropped(times[0]), cropped(times[1]));
  console.log({ samples: times.map(({ length }) => length), t: Number(t.toFixed(2)) });
  expect(Math.abs(t)).toBeLessThan(BAR);
}, 300_000);

function cropped(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.slice(0, Math.floor(sorted.length * 0.9));
}

function welch(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const part = (values: readonly number[], m: number): number =>
    values.reduce((sum, one) => sum + (one - m) ** 2, 0) / (values.length - 1) / values.length;
  return (ma - mb) / Math.sqrt(part(a, ma) + part(b, mb));
}
