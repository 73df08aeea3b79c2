// The protocols of spoken conversations, by their routes.
import { bidi } from './bidi-kind.ts';
import { attached, forked, live } from './live-kind.ts';
import { music } from './music-kind.ts';
import { realtime } from './realtime-kind.ts';
import type { SessionKind } from './session-kind.ts';

/** @param template of the route. */
export function kindOf(template: string): SessionKind {
  if (template.endsWith('BidiGenerateMusic')) return music;
  if (template.startsWith('/ws/')) return bidi();
  if (!template.includes('/live/')) return realtime();
  if (template.endsWith('/attach')) return attached;
  return template.endsWith('/fork') ? forked : live;
}
