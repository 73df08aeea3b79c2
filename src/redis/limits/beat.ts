// The script calls of one sign of life: the first says that this asker is there, and all together name every slot it holds.
import type { HeldSlots } from './held-slots.ts';
import type { KeyNames } from './limit-keys.ts';

const BUCKETS_A_CALL = 32;
const IDS_A_CALL = 400;

export interface BeatCall {
  keys: string[];
  /** Per bucket: count, ids. */
  ids: (string | number)[];
}

/** @param slots null: only that it is there. */
export function beatCalls({ askers, epoch }: KeyNames, slots: HeldSlots | null): BeatCall[] {
  const calls: BeatCall[] = [];
  let call: BeatCall = { keys: [askers, epoch], ids: [] };
  let room = IDS_A_CALL;
  const next = (): void => {
    calls.push(call);
    call = { keys: [askers, epoch], ids: [] };
    room = IDS_A_CALL;
  };
  for (const key of slots?.keys ?? []) {
    const ids = slots!.ids(key);
    for (let at = 0; at < ids.length; ) {
      const some = ids.slice(at, at + room);
      at += some.length;
      room -= some.length;
      call.keys.push(key);
      call.ids.push(some.length, ...some);
      if (room === 0 || call.keys.length === 2 + BUCKETS_A_CALL) next();
    }
  }
  if (calls.length === 0 || call.keys.length > 2) next();
  return calls;
}
