// Who this machine is at the gate: written by `headgate edge enrol`, for its owner's eyes alone.
import path from 'node:path';
import { readIfThere, replaceFile } from './setup/plain-file.ts';

export interface EdgeIdentity {
  /** Of the gate, without a path. */
  readonly gate: string;
  /** Virtual key of the device. */
  readonly key: string;
  readonly device: { readonly id: string; readonly name: string };
  /** Paths of PEM files; absent = the system's authorities, no certificate. */
  readonly ca?: string;
  readonly cert?: string;
  readonly certKey?: string;
}

const fileIn = (folder: string): string => path.join(folder, 'device.json');

/** Null: this machine is not enrolled. */
export function readIdentity(folder: string): EdgeIdentity | null {
  const text = readIfThere(fileIn(folder));
  if (text === null) return null;
  try {
    return JSON.parse(text) as EdgeIdentity; // written below
  } catch {
    return null;
  }
}

export function keepIdentity(folder: string, identity: EdgeIdentity): void {
  replaceFile(fileIn(folder), `${JSON.stringify(identity, null, 2)}\n`);
}
