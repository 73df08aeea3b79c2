// The one route of the administration and its page, whatever stands behind it.
import type { LocalRoute } from '../../contracts/route.ts';

export const ADMIN: LocalRoute = {
  kind: 'local',
  answer: 'admin',
  dialect: 'openai-chat',
  template: '/api',
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  // Keys of callers have no say there: the gatehouse asks for credentials of its own.
  open: true,
};

/** Calls of LiteLLM that the gatehouse takes where `admin.litellm` says so. */
const LITELLM: ReadonlySet<string> = new Set([
  '/key/generate',
  '/key/info',
  '/key/update',
  '/key/delete',
  '/team/new',
]);

/** @param path as it came; what stands behind `/api/`, `/ui/` and `/docs/` is the gatehouse's to know */
export function isAdmin(path: string): boolean {
  return (
    path.startsWith('/api/') ||
    path === '/api' ||
    path.startsWith('/ui/') ||
    path === '/ui' ||
    path.startsWith('/docs/') ||
    path === '/docs' ||
    LITELLM.has(path)
  );
}
