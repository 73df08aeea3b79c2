// The code of each page, which is loaded when it is opened first.
import type { ComponentType } from 'preact';

type Load = () => Promise<{ default: ComponentType }>;

export const CODE: Readonly<Record<string, Load>> = {
  '/': () => import('../pages/overview/page.tsx'),
  '/logs': () => import('../pages/logs/page.tsx'),
  '/playground': () => import('../pages/playground/page.tsx'),
  '/providers': () => import('../pages/providers/page.tsx'),
  '/models': () => import('../pages/models/page.tsx'),
  '/config': () => import('../pages/config/page.tsx'),
  '/start': () => import('../pages/start/page.tsx'),
  '/cache': () => import('../pages/cache/page.tsx'),
  '/guardrails': () => import('../pages/guardrails/page.tsx'),
  '/keys': () => import('../pages/keys/page.tsx'),
  '/edge': () => import('../pages/edge/page.tsx'),
  '/cluster': () => import('../pages/cluster/page.tsx'),
  '/audit': () => import('../pages/audit/page.tsx'),
  '/settings': () => import('../pages/settings/page.tsx'),
};
