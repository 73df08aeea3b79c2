// HAProxy as a plain reverse proxy: the other yardstick, with threads where nginx has processes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from '../contract.ts';
import { freePort } from '../processes.ts';
import { fileOf, findProgram, type Whereabouts } from './program.ts';
import { passedThrough, serve } from './serve.ts';

/** Connections are limited by what the machine allows it to open: without `maxconn` it takes all of that. */
export function haproxyConfig(port: number, upstreamPort: number, threads: number): string {
  return `global
  nbthread ${threads}
defaults
  mode http
  option http-keep-alive
  http-reuse always
  timeout connect 5s
  timeout client 600s
  timeout server 600s
frontend clients
  bind 127.0.0.1:${port} backlog 4096
  default_backend provider
backend provider
  server provider 127.0.0.1:${upstreamPort} pool-max-conn -1
`;
}

const WHERE: Whereabouts = {
  variable: 'HEADGATE_BENCH_HAPROXY',
  names: ['haproxy'],
  files: ['/usr/sbin/haproxy', '/usr/local/sbin/haproxy'],
  hint: 'install it (Debian: apt-get install haproxy) or set HEADGATE_BENCH_HAPROXY=/path/to/haproxy',
};

export const haproxy: Peer = {
  name: 'haproxy',
  about: 'Reverse proxy without any policy: keep-alive and connection reuse, one thread a core, no log.',
  routes: ['openai>openai', 'anthropic>anthropic'],
  find: () => findProgram(WHERE, { args: ['-v'], pattern: /version (\S+)/ }),
  async start(setting) {
    const port = await freePort();
    const config = join(setting.folder, 'haproxy.cfg');
    writeFileSync(config, haproxyConfig(port, setting.mock.port, setting.cores.length));
    return serve(
      {
        name: 'haproxy',
        command: fileOf(WHERE),
        args: ['-db', '-f', config],
        endpoints: passedThrough(setting.mock, port),
      },
      setting,
    );
  },
};
