// The protocols of spoken conversations, by their routes.
import { bidi } from './bidi-kind.ts';
import { live } from './live-kind.ts';
import { realtime } from './realtime-kind.ts';
import type { SessionKind } from './session-kind.ts';

/** @param template of the route. */
export function kindOf(template: string): SessionKind {
  if (template.startsWith('/ws/')) return bidi;
  return template.includes('/live/') ? live : realtime();
}
