// Who may call and from where: client keys, the address to listen on, and the pages that may call from a browser.
// Without keys the gateway serves this machine only, unless anonymous calls were allowed in so many words.
import type { ClientKey } from '../contracts/directory.ts';
import { isNetwork } from '../governance/networks.ts';
import type { BuildContext } from './build-context.ts';
import { DEFAULT_ADMIN } from './schema/defaults.ts';
import { buildHolder } from './holders.ts';
import type { FileConfig } from './schema/schema.ts';
import { keyFault } from './secrets.ts';

/** Shorter ones are refused: they would be mistakes, not keys. */
const MIN_CLIENT_KEY = 4;
/** Shorter ones are taken, with a note. */
const SAFE_CLIENT_KEY = 16;

const LOOPBACK = '127.0.0.1';
const ANYWHERE = '0.0.0.0';

export interface Access {
  keys: ClientKey[];
  /** Calls without a key are served. */
  anonymous: boolean;
  host: string;
  /** No listener may be reached from other machines. */
  onlyHere: boolean;
  corsOrigins: string[];
}

/** Decides who may call; says so in a note. */
export function buildAccess(file: FileConfig, context: BuildContext): Access {
  const keys = context.sound(['auth', 'keys']) ? clientKeys(file, context) : [];
  const anonymous = file.auth?.anonymous ?? false;
  // Said in so many words: keys are asked for, and where the file has none they come from the store.
  const issued =
    (file.auth?.anonymous === false && (file.admin?.enabled ?? DEFAULT_ADMIN.enabled)) ||
    // Or certificates are shown.
    (file.auth?.mtls ?? []).length > 0;
  // In brackets as in a URL.
  const stated = file.server?.host?.replace(/^\[(.*)\]$/, '$1');
  const cors = file.server?.corsOrigins;
  const access = (host: string, origins: string): Access => ({
    keys,
    // Without keys there is nothing to ask for: whoever reaches the listener is served.
    anonymous: anonymous || (keys.length === 0 && !issued),
    host,
    onlyHere: keys.length === 0 && !issued && !anonymous,
    corsOrigins: cors === undefined ? [origins] : [...cors],
  });
  if (anonymous) {
    context.note(
      'calls without a key are served, from every machine that can reach the port (auth.anonymous)',
    );
    return access(stated ?? ANYWHERE, 'loopback');
  }
  if (keys.length > 0 || issued) return access(stated ?? ANYWHERE, '*');
  const asked = stated === undefined || isLoopback(stated) ? '' : `, not on the host that was set`;
  context.note(
    `no API keys are set: listening on loopback only${asked} (set HEADGATE_API_KEYS to be reached from elsewhere)`,
  );
  return access(stated !== undefined && isLoopback(stated) ? stated : LOOPBACK, 'loopback');
}

function clientKeys(file: FileConfig, context: BuildContext): ClientKey[] {
  const names = new Set<string>();
  const values = new Set<string>();
  const pairs = new Set<string>();
  return (file.auth?.keys ?? []).map((item, index) => {
    const entry: Exclude<typeof item, string> = typeof item === 'string' ? { value: item } : item;
    const path = ['auth', 'keys', index];
    const name = entry.name ?? `key-${index + 1}`;
    const fault = keyFault(entry.value, MIN_CLIENT_KEY);
    if (fault !== null) context.report(typeof item === 'string' ? path : [...path, 'value'], fault);
    else if (values.has(entry.value)) context.report(path, 'this key stands twice');
    else if (entry.value.length < SAFE_CLIENT_KEY) {
      context.note(`API key ${name} has fewer than ${SAFE_CLIENT_KEY} characters and can be guessed`);
    }
    if (names.has(name)) context.report(path, `two keys are called \`${name}\``);
    names.add(name);
    values.add(entry.value);
    const holder = { name, ...buildHolder(entry, file, path, context) };
    const { accessKeyId } = entry;
    if (accessKeyId === undefined) return { ...holder, value: entry.value };
    if (pairs.has(accessKeyId)) context.report([...path, 'accessKeyId'], 'this access key id stands twice');
    pairs.add(accessKeyId);
    return { ...holder, value: entry.value, accessKeyId };
  });
}

/** Proxies whose word on addresses counts. */
export function checkProxies(file: FileConfig, context: BuildContext): void {
  for (const [index, entry] of (file.server?.trustedProxies ?? []).entries())
    if (!isNetwork(entry))
      context.report(['server', 'trustedProxies', index], 'this is neither an address nor a network');
}

/** The key of the metrics, held to the same as those of callers. */
export function checkMetricsKey(file: FileConfig, context: BuildContext): void {
  const key = file.server?.metricsKey;
  if (key === undefined) return;
  context.secret(key);
  const fault = keyFault(key, MIN_CLIENT_KEY);
  if (fault !== null) context.report(['server', 'metricsKey'], fault);
  else if (key.length < SAFE_CLIENT_KEY) {
    context.note(`the key of the metrics has fewer than ${SAFE_CLIENT_KEY} characters and can be guessed`);
  }
}

/** Whether a listener on `host` is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
