// The bare loop (bare-loop.ts) as a peer: the floor of what these two libraries cost, with nothing of a gateway.
import { fileURLToPath } from 'node:url';
import type { Peer } from '../contract.ts';
import { installedVersion, uwsVersion } from '../installed.ts';
import { freePort } from '../processes.ts';
import { passedThrough, serve } from './serve.ts';

export const bare: Peer = {
  name: 'bare',
  about: 'uWebSockets.js and undici dispatch without anything between, one process a core. The floor.',
  routes: ['openai>openai', 'anthropic>anthropic'],
  find: async () => {
    const [uws, undici] = [uwsVersion(), installedVersion('undici')];
    if (uws === null || undici === null) return { missing: 'its libraries are not installed' };
    return { version: `uWebSockets.js ${uws}, undici ${undici}` };
  },
  async start(setting) {
    const port = await freePort();
    const program = fileURLToPath(new URL('./bare-loop.ts', import.meta.url));
    return serve(
      {
        name: 'bare',
        command: process.execPath,
        args: [program, String(port), String(setting.mock.port), String(setting.cores.length)],
        endpoints: passedThrough(setting.mock, port),
      },
      setting,
    );
  },
};
