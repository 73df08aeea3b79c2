// A record as the gatehouse reads it, for tests.
import type { Call } from '../../contracts/call.ts';
import { unpackValues } from '../../ipc/codec.ts';
import { Packer } from './packer.ts';
import { type Packed, packCall, type SegmentTable } from './record.ts';

export function recordOf(call: Call, wall: number, table: SegmentTable): Packed {
  const packer = new Packer();
  packCall(packer, call, wall, table);
  return unpackValues(packer.all()) as Packed; // just packed
}
