// The worker's end of the IPC, and the only file here that knows node:cluster. The primary's end is cluster/primary/link.ts.
// When the primary dies, node would end this process on the spot; `orphaned` gives it the time to finish its calls.
import type Cluster from 'node:cluster';
import type { ToPrimary, ToWorker } from '../src/contracts/ipc.ts';
import { packMessage, unpackToWorker } from '../src/ipc/codec.ts';

/** Messages that may wait for a primary that does not read; beyond that, what can be left out is. */
const MAX_PENDING = 64;

export interface Link {
  /** This worker's slot. */
  readonly index: number;
  readonly connected: boolean;
  /** The primary does not keep up: repeatable messages (beats, metrics) should wait. */
  readonly clogged: boolean;
  /** @param sent it is handed to the kernel, or cannot be */
  send(message: ToPrimary, sent?: () => void): void;
  /** As `send`; resolves when the message is handed to the kernel or cannot be. */
  deliver(message: ToPrimary): Promise<void>;
  /** This worker is over: its process ends, where it is the worker's own. */
  exit(code: number): void;
}

export interface LinkEvents {
  onMessage(message: ToWorker): void;
  /** The primary is gone; nothing can be sent any more. */
  onOrphaned(): void;
}

/** Opens the channel to the primary that forked this process. @throws when nobody did. */
export function openLink(events: LinkEvents): Link {
  // Not where the primary has its worker in its own process (cluster/crew/near-worker.ts): that loads nothing of it.
  const alone = process.env['HEADGATE_ONE_PROCESS'] === '1';
  // Its types describe it as it is imported, with a default.
  const cluster = alone ? null : (process.getBuiltinModule('node:cluster') as unknown as typeof Cluster);
  const worker = cluster?.worker;
  if (process.send === undefined) throw new Error('workers are started by the primary: run `headgate start`');
  const index = Number(process.env['HEADGATE_WORKER_INDEX'] ?? 0);
  let pending = 0;

  process.on('message', (bytes: unknown) => events.onMessage(unpackToWorker(bytes)));
  // `worker` hears of it before node's own listener asks the flag (docs/decisions/0002; guarded by an integration test).
  worker?.on('disconnect', () => {
    worker.exitedAfterDisconnect = true;
    events.onOrphaned();
  });

  function send(message: ToPrimary, sent: () => void): void {
    if (!process.connected) {
      sent();
      return;
    }
    pending += 1;
    // An error here is a channel that broke: `disconnect` follows and says so.
    process.send!(packMessage(message), undefined, undefined, () => {
      pending -= 1;
      sent();
    });
  }

  return {
    index,
    get connected() {
      return process.connected;
    },
    get clogged() {
      return pending >= MAX_PENDING;
    },
    send: (message, sent = () => undefined) => send(message, sent),
    deliver: (message) => new Promise((resolve) => send(message, resolve)),
    exit(code) {
      if (worker === undefined && code === 0) process.disconnect!();
      else process.exit(code);
    },
  };
}
