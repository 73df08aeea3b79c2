// The start-up text: what a person needs to make the first call, printed once all workers listen.

import { listenerText } from '../../src/config/describe.ts';
import type { AdminConfig } from '../../src/contracts/admin.ts';
import type { Config } from '../../src/contracts/config.ts';
import type { ProviderConfig } from '../../src/contracts/provider-config.ts';
import type { NodeListenerConfig } from '../../src/contracts/listener.ts';

/**
 * @param config the configuration in force, with the open port. @param keys how many keys of callers are known
 * @param admin where people administer it. Who may, its first set-up token, is the gatehouse's to say, once.
 */
export function banner(
  config: Config,
  keys: number,
  version: string,
  admin: Pick<AdminConfig, 'enabled' | 'port' | 'host'>,
): string {
  const { server, auth, providers } = config;
  const url = localUrl(server.host, server.port);
  const count = server.workers;
  const lines = [
    `headgate ${version} listens on ${server.host}:${server.port} with ${count} worker${count === 1 ? '' : 's'}`,
    ...listenerLines(server.listeners ?? []),
    `  providers: ${providers.map(providerText).join(', ') || 'none'}`,
    ...aliasLines(config),
    `  keys:      ${keysText(keys, auth.anonymous, server.host)}`,
    ...adminLines(url, admin),
    ...config.notes.map((note) => `  note:      ${note}`),
  ];
  const model = tryModel(providers);
  if (model !== null) {
    lines.push('', '  Try it:', '', `    ${curl(url, model, !auth.anonymous)}`);
  }
  return `${lines.join('\n')}\n`;
}

function listenerLines(listeners: readonly NodeListenerConfig[]): string[] {
  return listeners.length === 0 ? [] : [`  also on:   ${listeners.map(listenerText).join(', ')}`];
}

function adminLines(url: string, { enabled, port, host }: Parameters<typeof banner>[3]): string[] {
  if (!enabled) return [];
  const base = port === null ? url : localUrl(host, port);
  return [`  admin:     ${base}/ui (page), ${base}/api/openapi.json (API), ${base}/docs/ (documentation)`];
}

function aliasLines({ models }: Config): string[] {
  const names = Object.keys(models);
  return names.length === 0 ? [] : [`  models:    ${names.join(', ')}`];
}

function providerText(provider: ProviderConfig): string {
  if (provider.kind === 'demo') return `${provider.name} (built in, answers by itself)`;
  const keys = provider.keys.length;
  return keys > 1 ? `${provider.name} (${keys} keys)` : provider.name;
}

function keysText(count: number, anonymous: boolean, host: string): string {
  if (!anonymous) return `required (${count} known)`;
  const loopback = host === '::1' || host === 'localhost' || host.startsWith('127.');
  return loopback
    ? 'none needed; this machine only'
    : `none needed, and ${host} may be reached from outside: anyone who reaches it can use it`;
}

/** A model that certainly exists, so that the printed line works as it stands. */
function tryModel(providers: readonly ProviderConfig[]): string | null {
  const demo = providers.find((provider) => provider.kind === 'demo');
  if (demo === undefined) return null;
  const name = demo.models.find((model) => !model.includes('*')) ?? 'demo';
  return `${demo.name}/${name}`;
}

function curl(url: string, model: string, needsKey: boolean): string {
  const body = JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'Hello!' }] });
  // The key itself is a secret and stays out of terminals and logs.
  const auth = needsKey ? ` -H 'authorization: Bearer YOUR_KEY'` : '';
  return `curl -N ${url}/v1/chat/completions${auth} -H 'content-type: application/json' -d '${body}'`;
}

/** Where this machine reaches a listener on `host`. */
export function localUrl(host: string, port: number): string {
  return `http://${reachable(host)}:${port}`;
}

function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
