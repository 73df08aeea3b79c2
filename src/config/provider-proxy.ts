// The forward proxy of a provider: its own `proxy`, else that of the environment, as other programs take it from there.
import type { BuildContext } from './build-context.ts';
import type { Env } from './environment.ts';
import { isExempt } from './no-proxy.ts';
import { readProxyUrl } from './proxy-url.ts';

/** The URL of the proxy on the way to `base`, or null. What is chosen by the environment is noted. */
export function chooseProxy(
  name: string,
  stated: string | boolean | undefined,
  base: URL,
  context: BuildContext,
): string | null {
  const path = ['providers', name, 'proxy'];
  if (stated === true) context.report(path, 'expected the URL of a proxy, or `false` for none, got `true`');
  if (typeof stated === 'boolean') return null;
  if (stated !== undefined) {
    const read = readProxyUrl(stated);
    if ('url' in read) return known(read.url, context);
    context.report(path, read.fault);
    return null;
  }
  const { env } = context;
  const variable = proxyVariable(env, base.protocol);
  // This machine is never behind a proxy.
  if (variable === null || isLoopback(base.hostname)) return null;
  const port = Number(base.port || (base.protocol === 'https:' ? 443 : 80));
  if (isExempt(first(env, 'no_proxy') ?? '', base.hostname, port)) return null;
  const read = readProxyUrl(env[variable]!);
  if ('fault' in read) {
    context.reportEnv(variable, `${read.fault} (or state \`proxy: false\` for provider ${name})`);
    return null;
  }
  context.note(`provider ${name}: through the proxy ${new URL(read.url).host}, by ${variable}`);
  return known(read.url, context);
}

function known(url: string, context: BuildContext): string {
  const { password } = new URL(url);
  if (password !== '') {
    context.secret(password);
    context.secret(decodeURIComponent(password));
  }
  return url;
}

/** The first that is set; in lower case first, as in curl. */
function proxyVariable(env: Env, protocol: string): string | null {
  for (const name of [protocol === 'https:' ? 'https_proxy' : 'http_proxy', 'all_proxy']) {
    for (const variable of [name, name.toUpperCase()])
      if ((env[variable] ?? '').trim() !== '') return variable;
  }
  return null;
}

function first(env: Env, name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}

function isLoopback(hostname: string): boolean {
  const host = hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.[\d.]+$/.test(host);
}
