// From the section `alerts` to whom budgets tell of their marks.
import type { AlertsConfig } from '../contracts/alerts.ts';
import type { Config } from '../contracts/config.ts';
import type { BuildContext } from './build-context.ts';
import type { FileConfig } from './schema/schema.ts';
import { DEFAULT_WEBHOOK_TIMEOUT_MS } from './schema/alerts.ts';

/** @returns nothing where nobody is to be told. */
export function buildAlerts(
  { alerts }: FileConfig,
  { report, secret }: Pick<BuildContext, 'report' | 'secret'>,
): Pick<Config, 'alerts'> {
  const stated = alerts?.webhooks ?? [];
  if (stated.length === 0) return {};
  const webhooks = stated.map(({ url, secret: signing, headers = {}, timeoutMs, marks }, index) => {
    if (!URL.canParse(url)) report(['alerts', 'webhooks', index, 'url'], 'this is no address');
    // Addresses of chat systems are their own passwords.
    for (const text of [url, signing, ...Object.values(headers)]) if (text !== undefined) secret(text);
    return {
      url,
      secret: signing ?? null,
      headers,
      timeoutMs: timeoutMs ?? DEFAULT_WEBHOOK_TIMEOUT_MS,
      marks: marks ?? (['soft', 'hard'] as const),
    };
  });
  const built: AlertsConfig = { webhooks };
  return { alerts: built };
}
