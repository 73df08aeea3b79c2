// What the primary keeps in mind for all workers: whose objects are, and what was done once.
import type { ToPrimary } from '../src/contracts/ipc.ts';
import { createPrimaryOnce, type PrimaryOnce } from './once.ts';
import { createOwnerRecords, type PrimaryRecords } from './owner-records.ts';

export interface PrimaryBooks {
  readonly owners: PrimaryRecords;
  readonly once: PrimaryOnce;
}

export function createPrimaryBooks(link: {
  readonly connected: boolean;
  send(message: ToPrimary): void;
}): PrimaryBooks {
  const send = (message: ToPrimary): boolean => {
    if (link.connected) link.send(message);
    return link.connected;
  };
  return { owners: createOwnerRecords(send), once: createPrimaryOnce(send) };
}
