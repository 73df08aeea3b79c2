// The one route of the administration, whatever stands behind it.
import type { LocalRoute } from '../contracts/route.ts';

export const ADMIN: LocalRoute = {
  kind: 'local',
  answer: 'admin',
  dialect: 'openai-chat',
  template: '/api',
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  // Keys of callers have no say there: the gatehouse asks for credentials of its own.
  open: true,
};

/** Where LiteLLM's scripts and Terraform modules go, whatever stands there. */
const ADMIN_SHIM: ReadonlySet<string> = new Set([
  '/key/generate',
  '/key/info',
  '/key/update',
  '/key/delete',
  '/team/new',
]);

/** @param path as it came; what stands behind `/api/` is the gatehouse's to know */
export function isAdmin(path: string): boolean {
  return path.startsWith('/api/') || path === '/api' || ADMIN_SHIM.has(path);
}
