// Certificates by which this machine answers for a vendor's host: from the centre, for keys that are made here and kept in memory alone. Each
// holds for a day at most, and is made anew before it is over.
import { generateKeyPair } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { promisify } from 'node:util';
import type { GateApi } from '../centre/gate-api.ts';

/** So long before its end one is no longer shown. */
const EARLY_MS = 3_600_000;

export interface Leaves {
  /** Rejects with GateRefusal or the system's error when there is none to be had. */
  contextOf(host: string): Promise<SecureContext>;
}

interface Held {
  readonly context: Promise<SecureContext>;
  /** ms since 1970; 0 = it is being made. */
  until: number;
}

/** @param now ms since 1970 */
export function createLeaves(api: Pick<GateApi, 'certificate'>, now: () => number): Leaves {
  const held = new Map<string, Held>();

  async function made(host: string, place: { until: number }): Promise<SecureContext> {
    const { privateKey, publicKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { certificate, notAfter } = await api.certificate(host, pem);
    const end = Date.parse(notAfter);
    // One that is short-lived by itself, such as an authority's last day has them, is shown for half of its life.
    place.until = end - Math.min(EARLY_MS, (end - now()) / 2);
    return createSecureContext({
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      cert: certificate,
    });
  }

  return {
    contextOf(host) {
      const known = held.get(host);
      if (known !== undefined && (known.until === 0 || known.until > now())) return known.context;
      const place = { until: 0 };
      const context = made(host, place);
      const entry: Held = {
        context,
        get until() {
          return place.until;
        },
      };
      held.set(host, entry);
      // The next one asks again.
      context.catch(() => {
        if (held.get(host) === entry) held.delete(host);
      });
      return context;
    },
  };
}
