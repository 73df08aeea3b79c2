// Messages between primary and worker as bytes, used by cluster/crew/supervisor and workers/link. Plain MessagePack
// maps: records with shared structures would be faster, but both ends would have to agree on them across versions
// during a rolling restart, and the traffic is a few messages a second. `msgpackr/pack` is all of it without the native
// addon for long strings, which would take 10 ms of each process's start.
import { Packr } from 'msgpackr/pack';
import type { FromGatehouse, ToGatehouse } from '../contracts/gatehouse-ipc.ts';
import type { ToPrimary, ToWorker } from '../contracts/ipc.ts';

const packr = new Packr({ useRecords: false, mapsAsObjects: true });

/** Packs one message of either direction. */
export function packMessage(message: ToWorker | ToPrimary | ToGatehouse | FromGatehouse): Buffer {
  return packr.pack(message);
}

/** Unpacks what a worker sent. @throws when the bytes are not a message. */
export function unpackToPrimary(bytes: unknown): ToPrimary {
  return unpack(bytes) as ToPrimary; // both ends are this program: the tag was checked, the rest is our own
}

/** Unpacks what the primary sent. @throws when the bytes are not a message. */
export function unpackToWorker(bytes: unknown): ToWorker {
  return unpack(bytes) as ToWorker; // as above
}

/** Unpacks what the gatehouse sent. @throws when the bytes are not a message. */
export function unpackFromGatehouse(bytes: unknown): FromGatehouse {
  return unpack(bytes) as FromGatehouse; // as above
}

/** Unpacks what the primary sent to the gatehouse. @throws when the bytes are not a message. */
export function unpackToGatehouse(bytes: unknown): ToGatehouse {
  return unpack(bytes) as ToGatehouse; // as above
}

/** Packs what a worker writes for the gatehouse to read: lists of plain values, since both are one version only in time. */
export function packValues(values: unknown): Buffer {
  return packr.pack(values);
}

/** @throws when the bytes are not MessagePack. */
export function unpackValues(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

function unpack(bytes: unknown): { t: string } {
  if (!(bytes instanceof Uint8Array)) throw new TypeError('IPC message is not bytes');
  const message: unknown = packr.unpack(bytes);
  if (typeof message !== 'object' || message === null || !('t' in message) || typeof message.t !== 'string') {
    throw new TypeError('IPC message has no tag');
  }
  return message as { t: string }; // checked on the line above
}
