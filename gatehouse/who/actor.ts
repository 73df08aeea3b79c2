// Who makes a call of the admin API.
import type { Administrator } from '../../src/governance/roles.ts';

export type Actor =
  /** No credential. */
  | { readonly kind: 'nobody'; readonly name: 'anonymous' }
  /** The set-up token of a gateway that has no administrator yet. */
  | { readonly kind: 'setup'; readonly name: 'setup' }
  /** A virtual key, which may ask about itself alone. */
  | { readonly kind: 'key'; readonly name: string; readonly id: string }
  | {
      readonly kind: 'admin';
      /** `admin:ada`, or `token:ci` of a personal token. */
      readonly name: string;
      /** Of the administrator. */
      readonly id: string;
      readonly administrator: Administrator;
      /** Of the session, when a cookie was shown; null = a token. */
      readonly session: string | null;
    };

export const NOBODY: Actor = Object.freeze({ kind: 'nobody', name: 'anonymous' });
