// A bucket as it crosses processes: its id and the numbers of its rule, and nothing else of it.
import type { BucketWire } from '../contracts/ipc.ts';
import type { Bucket } from '../contracts/limits.ts';

export function bucketWire({ id, rule, version = 0 }: Bucket): BucketWire {
  return [id, rule.dimension, rule.limit, rule.spacingMs, rule.burst, version];
}
