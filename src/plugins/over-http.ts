// A plugin behind an address: each hook is a POST of `{ version, hook, plugin, event }`, and its answer is the decision, JSON.
// Connections are kept. Signed as the webhooks of guardrails are.
import { createHmac } from 'node:crypto';
import { PLUGIN_API_VERSION, PLUGIN_HOOKS, type PluginHook } from '../contracts/plugin.ts';
import type { CreateRunner } from '../contracts/plugin-port.ts';
import { askJson } from '../services/ask.ts';
import { nodeHttp, nodeHttps } from '../wire/node-http.ts';

const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
const KEPT_CONNECTIONS = 64;
/** Those that it is asked for unless it is said: a round trip for each piece of an answer is for who wants it. */
export const REMOTE_HOOKS: readonly PluginHook[] = PLUGIN_HOOKS.filter((hook) => hook !== 'onDelta');

/** @param wall ms since 1970. */
export function createOverHttp(wall: () => number): CreateRunner {
  return ({ name, url, hooks, secret, ca, requestHeaders }) => {
    const kept = { keepAlive: true, maxFreeSockets: KEPT_CONNECTIONS };
    const agent = url!.startsWith('https:')
      ? new (nodeHttps().Agent)({ ...kept, ...(ca === undefined ? {} : { ca }) })
      : new (nodeHttp().Agent)(kept);
    return Promise.resolve({
      hooks: new Set(hooks ?? REMOTE_HOOKS),
      run(hook, event, timeoutMs) {
        const body = JSON.stringify({ version: PLUGIN_API_VERSION, hook, plugin: name, event });
        const headers = {
          'content-type': 'application/json',
          ...requestHeaders,
          ...signature(secret, body, wall()),
        };
        return askJson({
          method: 'POST',
          url: url!,
          headers,
          body,
          timeoutMs,
          maxBytes: MAX_ANSWER_BYTES,
          agent,
        });
      },
      delta: () => undefined,
      close: () => agent.destroy(),
    });
  };
}

function signature(secret: string | undefined, body: string, wallMs: number): Record<string, string> {
  if (secret === undefined) return {};
  const time = Math.floor(wallMs / 1000);
  const print = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return { 'x-headgate-signature': `t=${time},v1=${print}` };
}
