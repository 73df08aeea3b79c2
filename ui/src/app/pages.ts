// All pages: where they are, what they are called, and their code, which is loaded when they are opened first.
import type { ComponentType } from 'preact';

export interface PageEntry {
  readonly path: string;
  readonly title: string;
  readonly group: 'Watch' | 'Gate' | 'Who' | 'Run';
  /** Resource of the API that a role must be able to read. */
  readonly needs: string | null;
  /** It looks at a range of time: the picker is shown. */
  readonly timed: boolean;
  load(): Promise<{ default: ComponentType }>;
}

export const PAGES: readonly PageEntry[] = [
  page('Watch', '/', 'Overview', () => import('../pages/overview/page.tsx'), { needs: 'log', timed: true }),
  page('Watch', '/logs', 'Logs', () => import('../pages/logs/page.tsx'), { needs: 'log', timed: true }),
  page('Watch', '/playground', 'Playground', () => import('../pages/playground/page.tsx')),
  page('Gate', '/cache', 'Cache', () => import('../pages/cache/page.tsx'), { needs: 'log', timed: true }),
  page('Gate', '/guardrails', 'Guardrails', () => import('../pages/guardrails/page.tsx'), {
    needs: 'log',
    timed: true,
  }),
  page('Who', '/keys', 'Keys & budgets', () => import('../pages/keys/page.tsx'), { needs: 'key' }),
  page('Run', '/cluster', 'Cluster', () => import('../pages/cluster/page.tsx'), { needs: 'cluster' }),
  page('Run', '/audit', 'Audit', () => import('../pages/audit/page.tsx'), { needs: 'audit' }),
  page('Run', '/settings', 'Settings', () => import('../pages/settings/page.tsx')),
];

function page(
  group: PageEntry['group'],
  path: string,
  title: string,
  load: PageEntry['load'],
  { needs = null, timed = false }: { needs?: string | null; timed?: boolean } = {},
): PageEntry {
  return { path, title, group, needs, timed, load };
}

/** The page whose place this path is, or is below. */
export function pageOf(path: string): PageEntry | null {
  const all = PAGES;
  return (
    all.find((one) => path === one.path || (one.path !== '/' && path.startsWith(`${one.path}/`))) ?? null
  );
}
