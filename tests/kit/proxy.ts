// A real nginx or haproxy with the configuration from docs/proxies; only its ports, and where this machine lets it write,
// are replaced.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from './program.ts';
import { freePort } from './port.ts';
import { waitUntil } from './wait.ts';

export type ProxyName = 'nginx' | 'haproxy';

export interface FrontProxy {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  output(): string;
  stop(): Promise<void>;
}

const FILES: Readonly<Record<ProxyName, string>> = { nginx: 'nginx.conf', haproxy: 'haproxy.cfg' };

/** Starts it in front of a gateway. @throws with its output when it does not listen. */
export async function startProxy(name: ProxyName, gatewayPort: number): Promise<FrontProxy> {
  return start(name, FILES[name], (text, folder, port) => prepared(text, folder, port, gatewayPort));
}

/** haproxy before several gateways. @param nodes `host:port` of each. */
export async function startNodesProxy(nodes: readonly string[]): Promise<FrontProxy> {
  return start('haproxy', 'haproxy-nodes.cfg', (text, _, port) =>
    replaced(text, [
      [
        /^ {2}server one .*\n {2}server two .*$/m,
        nodes.map((node, at) => `  server n${at} ${node}`).join('\n'),
      ],
      [/(?<=^\s*bind ):80$/m, `127.0.0.1:${port}`],
    ]),
  );
}

type Prepare = (text: string, folder: string, port: number) => string;

async function start(name: ProxyName, from: string, prepare: Prepare): Promise<FrontProxy> {
  const folder = mkdtempSync(path.join(tmpdir(), `headgate-${name}-`));
  const port = await freePort();
  const file = path.join(folder, from);
  writeFileSync(file, prepare(readFileSync(path.join(root, 'docs/proxies', from), 'utf8'), folder, port));
  const args =
    name === 'nginx'
      ? ['-p', folder, '-e', 'stderr', '-c', file, '-g', `daemon off; pid ${folder}/pid;`]
      : ['-f', file];
  // Where packages put servers, which is not on every user's path.
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
  const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let output = '';
  const keep = (piece: Buffer): void => {
    output += piece.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const over = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      output += `${error.message}: install it, or run scripts/test\n`;
      resolve();
    });
    child.once('exit', () => resolve());
  });
  let ended = false;
  void over.then(() => {
    ended = true;
    rmSync(folder, { recursive: true, force: true });
  });
  await waitUntil(() => ended || accepts(port), `${name} to listen`, 10_000);
  if (ended) throw new Error(`${name} ended: ${output}`);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      await over;
    },
  };
}

function prepared(text: string, folder: string, port: number, gatewayPort: number): string {
  const ports: [RegExp, string][] = [
    [/\b127\.0\.0\.1:8080\b/, `127.0.0.1:${gatewayPort}`],
    [/(?<=^\s*listen )80(?=;$)|(?<=^\s*bind ):80$/m, `127.0.0.1:${port}`],
  ];
  const made = replaced(text, ports);
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => {
    mkdirSync(path.join(folder, kind));
    return `${kind}_temp_path ${folder}/${kind};`;
  });
  return made.replace(/^http \{$/m, `http {\n${temp.join('\n')}`);
}

function replaced(text: string, pairs: readonly [RegExp, string][]): string {
  let made = text;
  for (const [what, by] of pairs) {
    if (!what.test(made)) throw new Error(`docs/proxies: nothing matches ${what}`);
    made = made.replace(what, by);
  }
  return made;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
