import { closeSync, existsSync, openSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createDescriptorCount, parseDescriptorLimit, readDescriptorLimit } from './descriptors.ts';

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max processes             63432                63432                processes
Max open files            300                  4096                 files
Max locked memory         8388608              8388608              bytes
`;

describe('the limit of file descriptors', () => {
  test('is the soft one', () => {
    expect(parseDescriptorLimit(LIMITS)).toBe(300);
    expect(parseDescriptorLimit('Max open files            unlimited   unlimited   files')).toBeNull();
    expect(parseDescriptorLimit('')).toBeNull();
  });

  test.skipIf(!existsSync('/proc/self/limits'))('of this process can be read', () => {
    expect(readDescriptorLimit()).toBeGreaterThan(50);
  });
});

test.skipIf(!existsSync('/proc/self/fd'))('open descriptors are counted', () => {
  const count = createDescriptorCount();
  const before = count()!;
  const files = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'));
  expect(count()! - before).toBe(20);
  for (const file of files) closeSync(file);
  expect(count()! - before).toBe(0);
});
