// A worker without a gateway: speaks the real IPC, does what FAKE_WORKER says. For tests of the primary alone.
import type { ToWorker } from '../../../src/contracts/ipc.ts';
import { openLink } from '../../../workers/link.ts';

const behaviour = process.env['FAKE_WORKER'] ?? '';
if (behaviour === 'crash') throw new Error('this worker never starts');

const link = openLink({ onMessage, onOrphaned: () => process.exit(0) });
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => undefined);
setInterval(() => link.send({ t: 'beat' }), 200);
link.send({ t: 'hello', index: link.index, pid: process.pid });

function onMessage(message: ToWorker): void {
  say({
    got: message.t,
    ...(message.t === 'config' ? { version: message.version, shares: message.shares } : {}),
  });
  if (message.t === 'config') {
    if (behaviour === 'reject') {
      void link
        .deliver({ t: 'rejected', version: message.version, reason: 'no such thing' })
        .then(() => process.exit(1));
      return;
    }
    if (behaviour === 'reject-later' && message.config.log.level === 'debug') {
      link.send({ t: 'rejected', version: message.version, reason: 'not at this level' });
      return;
    }
    link.send({ t: 'applied', version: message.version });
    if (message.version === 1 || behaviour !== '')
      link.send({ t: 'listening', port: message.config.server.port });
  } else if (message.t === 'drain') {
    if (behaviour === 'stay') return;
    void link.deliver({ t: 'drained', open: 0 }).then(() => process.exit(0));
  } else if (message.t === 'reclaim') {
    link.send({ t: 'yielded', lane: message.lane, kind: message.kind, count: 0, id: message.id });
  }
}

function say(fields: object): void {
  process.stdout.write(`${JSON.stringify({ worker: link.index, workerPid: process.pid, ...fields })}\n`);
}
