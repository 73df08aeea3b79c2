// Keys that hold on this machine alone. Each app has its own, made of the machine's: by it the edge knows who asks, whatever the app says.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const APP_KEY = /^hgl-([a-z][a-z0-9-]{0,31})\.[A-Za-z0-9_-]{43}$/;

/** @param localKey of the machine */
export function appKey(localKey: string, app: string): string {
  return `hgl-${app}.${createHmac('sha256', localKey).update(app).digest('base64url')}`;
}

/** App whose key it is, '' = the machine's own; null = neither. @param value of a header, with or without `Bearer` */
export function appOfKey(value: string, localKey: string): string | null {
  const key = value.replace(/^bearer +/i, '');
  if (same(key, localKey)) return '';
  const app = APP_KEY.exec(key)?.[1];
  return app !== undefined && same(key, appKey(localKey, app)) ? app : null;
}

function same(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
