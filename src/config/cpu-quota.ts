// How much CPU the control groups around this process grant it: limits.cpu of Kubernetes, --cpus of Docker, CPUQuota of
// systemd. Node counts whole cores and takes a quota below one for none (libuv 1.51), so it is read here.
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Content of a small file, null when it cannot be read. */
export type ReadText = (file: string) => string | null;

interface Group {
  /** Where the files of the outermost group that is visible are. */
  mount: string;
  /** Path of the own group below it, `/` for itself. */
  below: string;
  version: 1 | 2;
}

const DEFAULT_MOUNT = '/sys/fs/cgroup';

/** Cores this process may use, such as 0.5, the least of all groups around it; null = no quota, or it cannot be told. */
export function readCpuQuota(read: ReadText = readText): number | null {
  const quotas = groupsOf(read).flatMap(({ mount, below, version }) =>
    upwards(below).map((group) => quotaOf(path.posix.join(mount, group), version, read)),
  );
  const stated = quotas.filter((quota) => quota !== null);
  return stated.length === 0 ? null : Math.min(...stated);
}

/** Workers for so much CPU: whole ones, since a worker that is throttled stalls all its streams. */
export function workersFor(cores: number, quota: number | null): number {
  return quota === null ? cores : Math.max(1, Math.min(cores, Math.floor(quota)));
}

function groupsOf(read: ReadText): Group[] {
  const mounts = (read('/proc/self/mountinfo') ?? '').split('\n').map(parseMount);
  const groups: Group[] = [];
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    // hierarchy:controllers:path; version 2 is 0::path
    const [, controllers, own] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined || own === undefined) continue;
    const version = controllers === '' ? 2 : 1;
    if (version === 1 && !controllers.split(',').includes('cpu')) continue;
    const found = mounts.filter((mount) => mount !== null && mount.version === version);
    for (const mount of found) groups.push({ mount: mount!.at, below: within(own, mount!.root), version });
    if (found.length > 0) continue;
    const at = version === 2 ? DEFAULT_MOUNT : `${DEFAULT_MOUNT}/${controllers}`;
    groups.push({ mount: at, below: own, version });
    if (version === 1) groups.push({ mount: `${DEFAULT_MOUNT}/cpu`, below: own, version });
  }
  return groups;
}

/** A line of mountinfo: `id parent dev root at options ... - type source superOptions`. */
function parseMount(line: string): { root: string; at: string; version: 1 | 2 } | null {
  const [before, after] = line.split(' - ');
  const [, , , root, at] = (before ?? '').split(' ');
  const [type, , options] = (after ?? '').split(' ');
  if (root === undefined || at === undefined) return null;
  if (type === 'cgroup2') return { root, at, version: 2 };
  return type === 'cgroup' && options?.split(',').includes('cpu') === true ? { root, at, version: 1 } : null;
}

/** The path below what is mounted: a container sees its own group as the root, or the path that the host knows. */
function within(own: string, root: string): string {
  if (root === '/' || own === '/') return own;
  if (own === root) return '/';
  return own.startsWith(`${root}/`) ? own.slice(root.length) : '/';
}

/** `/a/b` -> `/a/b`, `/a`, `/`. */
function upwards(group: string): string[] {
  const parts = group.split('/').filter((part) => part !== '' && part !== '..');
  return parts.map((_, at) => `/${parts.slice(0, parts.length - at).join('/')}`).concat('/');
}

function quotaOf(folder: string, version: 1 | 2, read: ReadText): number | null {
  const [quota, period] =
    version === 2
      ? (read(path.posix.join(folder, 'cpu.max')) ?? '').trim().split(/\s+/)
      : [
          read(path.posix.join(folder, 'cpu.cfs_quota_us'))?.trim(),
          read(path.posix.join(folder, 'cpu.cfs_period_us'))?.trim(),
        ];
  // `max` and -1 are no quota.
  const cores = Number(quota) / Number(period ?? 100_000);
  return cores > 0 && Number.isFinite(cores) ? cores : null;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
