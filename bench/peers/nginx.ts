// A plain nginx reverse proxy with keep-alive on both sides: the yardstick of every ratio.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from '../contract.ts';
import { freePort } from '../processes.ts';
import { fileOf, findProgram, type Whereabouts } from './program.ts';
import { passedThrough, serve } from './serve.ts';

/** Everything nginx writes lies in `folder`. */
export function nginxConfig(port: number, upstreamPort: number, folder: string, workers = 1): string {
  const asRoot = process.getuid?.() === 0 ? 'user root;' : '';
  return `${asRoot}
daemon off;
worker_processes ${workers};
worker_rlimit_nofile 65536;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 32768; }
http {
  access_log off;
  client_max_body_size 64m;
  client_body_buffer_size 256k;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 100000000;
  upstream provider {
    server 127.0.0.1:${upstreamPort};
    keepalive 1024;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

const WHERE: Whereabouts = {
  variable: 'HEADGATE_BENCH_NGINX',
  names: ['nginx'],
  files: ['/usr/sbin/nginx', '/usr/local/sbin/nginx'],
  hint: 'install it (Debian: apt-get install nginx-light) or set HEADGATE_BENCH_NGINX=/path/to/nginx',
};

export const nginx: Peer = {
  name: 'nginx',
  about: 'Reverse proxy without any policy: keep-alive on both sides, one worker a core, no log. The limit.',
  routes: ['openai>openai', 'anthropic>anthropic'],
  find: () => findProgram(WHERE, { args: ['-v'], pattern: /nginx\/(\S+)/ }),
  async start(setting) {
    const port = await freePort();
    const config = join(setting.folder, 'nginx.conf');
    writeFileSync(config, nginxConfig(port, setting.mock.port, setting.folder, setting.cores.length));
    return serve(
      {
        name: 'nginx',
        command: fileOf(WHERE),
        args: ['-c', config, '-p', setting.folder],
        endpoints: passedThrough(setting.mock, port),
      },
      setting,
    );
  },
};
