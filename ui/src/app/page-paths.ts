// All pages: where they are and what they are called.

export interface PagePlace {
  readonly path: string;
  readonly title: string;
  readonly group: 'Watch' | 'Gate' | 'Who' | 'Run';
  /** Resource of the API that a role must be able to read; null = every role. */
  readonly needs: string | null;
  /** It looks at a range of time: the picker is shown. */
  readonly timed: boolean;
}

const place = (
  group: PagePlace['group'],
  path: string,
  title: string,
  needs: string | null = null,
  timed = false,
): PagePlace => ({ path, title, group, needs, timed });

/** In the order of the menu. */
export const PAGES: readonly PagePlace[] = [
  place('Watch', '/', 'Overview', 'log', true),
  place('Watch', '/logs', 'Logs', 'log', true),
  place('Watch', '/playground', 'Playground'),
  place('Gate', '/providers', 'Providers & lanes', 'provider'),
  place('Gate', '/models', 'Models & routes', 'model', true),
  place('Gate', '/cache', 'Cache', 'log', true),
  place('Gate', '/guardrails', 'Guardrails', 'log', true),
  place('Who', '/keys', 'Keys & budgets', 'key'),
  place('Who', '/edge', 'Edge', 'device'),
  place('Run', '/config', 'Config', 'config'),
  place('Run', '/cluster', 'Cluster', 'cluster'),
  place('Run', '/audit', 'Audit', 'audit'),
  place('Run', '/settings', 'Settings'),
];

/** Of the steps to a first call, which are in no menu. */
export const OFF_MENU: readonly PagePlace[] = [place('Watch', '/start', 'The first call')];

/** The page whose place this path is, or is below. */
export function pageAt(path: string): PagePlace | null {
  const all = [...PAGES, ...OFF_MENU];
  return (
    all.find((one) => path === one.path || (one.path !== '/' && path.startsWith(`${one.path}/`))) ?? null
  );
}
