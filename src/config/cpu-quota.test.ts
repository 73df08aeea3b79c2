import { describe, expect, it } from 'vitest';
import { readCpuQuota, workersFor } from './cpu-quota.ts';

const V2_MOUNT = '31 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate';

const quota = (files: Record<string, string>): number | null => readCpuQuota((file) => files[file] ?? null);

describe('the CPU quota of control groups', () => {
  it('is a fraction of a core where a pod has one', () => {
    expect(
      quota({
        '/proc/self/cgroup': '0::/\n',
        '/proc/self/mountinfo': V2_MOUNT,
        '/sys/fs/cgroup/cpu.max': '50000 100000\n',
      }),
    ).toBe(0.5);
  });

  it('is the least on the way up, with and without a namespace of its own', () => {
    const files = {
      '/proc/self/cgroup': '0::/kubepods.slice/pod1/ctr\n',
      '/proc/self/mountinfo': V2_MOUNT,
      '/sys/fs/cgroup/kubepods.slice/pod1/ctr/cpu.max': '400000 100000',
      '/sys/fs/cgroup/kubepods.slice/pod1/cpu.max': '150000 100000',
      '/sys/fs/cgroup/kubepods.slice/cpu.max': 'max 100000',
    };
    expect(quota(files)).toBe(1.5);
    // The container sees only its own group, mounted as the root, but is told the path of the host.
    expect(
      quota({
        ...files,
        '/proc/self/mountinfo': '31 23 0:28 /kubepods.slice/pod1/ctr /sys/fs/cgroup rw - cgroup2 cgroup2 rw',
        '/sys/fs/cgroup/cpu.max': '200000 100000',
      }),
    ).toBe(2);
  });

  it('is read in version 1, by itself or beside version 2', () => {
    const mounts = [
      '33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct',
      '32 31 0:29 /docker/abc /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
      '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
    ].join('\n');
    const files = {
      '/proc/self/cgroup': '5:cpuset:/docker/abc\n4:cpu,cpuacct:/docker/abc/svc\n0::/docker/abc\n',
      '/proc/self/mountinfo': mounts,
      '/sys/fs/cgroup/cpu,cpuacct/svc/cpu.cfs_quota_us': '-1\n',
      '/sys/fs/cgroup/cpu,cpuacct/svc/cpu.cfs_period_us': '100000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '25000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '50000\n',
      '/sys/fs/cgroup/cpuset/docker/abc/cpu.cfs_quota_us': '1\n',
    };
    expect(quota(files)).toBe(0.5);
    expect(
      quota({
        '/proc/self/cgroup': files['/proc/self/cgroup'],
        '/sys/fs/cgroup/cpu/docker/cpu.cfs_quota_us': '300000',
        '/sys/fs/cgroup/cpu/docker/cpu.cfs_period_us': '100000',
      }),
    ).toBe(3);
  });

  it.each([
    ['nothing can be read', {}],
    ['there is none', { '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': 'max 100000' }],
    ['it is no number', { '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': 'x y' }],
    ['it is empty', { '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': '' }],
    ['the period is zero', { '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': '1000 0' }],
    ['the line is none', { '/proc/self/cgroup': 'garbage\n::', '/sys/fs/cgroup/cpu.max': '1000 1000' }],
  ])('is none where %s', (_, files) => {
    expect(quota(files as Record<string, string>)).toBeNull();
  });
});

it.each([
  [64, 0.5, 1],
  [64, 0.05, 1],
  [64, 1, 1],
  [64, 1.9, 1],
  [64, 2.5, 2],
  [2, 8, 2],
  [8, null, 8],
])('on %d cores a quota of %s makes %d workers', (cores, cpu, workers) => {
  expect(workersFor(cores, cpu)).toBe(workers);
});
