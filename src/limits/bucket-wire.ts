// A bucket as it crosses processes: its id and the numbers of its rule, and nothing else of it.
import type { BucketWire } from '../contracts/ipc.ts';
import type { Bucket } from '../contracts/limits.ts';

export function bucketWire({ id, rule, version = 0 }: Bucket): BucketWire {
  const { dimension, limit, spacingMs, burst, endsAtMs } = rule;
  const wire: BucketWire = [id, dimension, limit, spacingMs, burst, version];
  if (endsAtMs !== undefined) wire.push(endsAtMs);
  return wire;
}
