// MessagePack as entries in Redis have it: plain maps and lists, which any version of us can read.
import { Packr } from 'msgpackr/pack';

const packr = new Packr({ useRecords: false, mapsAsObjects: true });

export function pack(value: unknown): Buffer {
  return packr.pack(value);
}

/** @throws for bytes that are no MessagePack. */
export function unpack(bytes: Buffer): unknown {
  return packr.unpack(bytes);
}
