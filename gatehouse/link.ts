// The gatehouse's end of the IPC; the primary's end is cluster/gatehouse/gatehouse.ts.
import type { FromGatehouse, ToGatehouse } from '../src/contracts/gatehouse-ipc.ts';
import { packMessage, unpackToGatehouse } from '../src/ipc/codec.ts';

export interface GatehouseLink {
  send(message: FromGatehouse): void;
  /** As `send`; resolves when the kernel has it, or nobody is there. */
  deliver(message: FromGatehouse): Promise<void>;
}

export interface GatehouseLinkEvents {
  onMessage(message: ToGatehouse): void;
  /** The primary is gone: there is nothing left to keep. */
  onOrphaned(): void;
}

/** @throws when nobody forked this process. */
export function openLink(events: GatehouseLinkEvents): GatehouseLink {
  if (process.send === undefined)
    throw new Error('the gatehouse is started by the primary: run `headgate start`');
  process.on('message', (bytes: unknown) => events.onMessage(unpackToGatehouse(bytes)));
  process.on('disconnect', () => events.onOrphaned());
  return {
    send(message) {
      if (process.connected) process.send!(packMessage(message), undefined, undefined, () => undefined);
    },
    deliver: (message) =>
      new Promise((resolve) => {
        if (process.connected) process.send!(packMessage(message), undefined, undefined, () => resolve());
        else resolve();
      }),
  };
}
