// The same words in another order ask the same only where a link says so: `symptoms of flu` are `flu symptoms`, `in Python` may stand in
// front. A cat that chases a dog is no dog that chases a cat.
import type { Words } from './words.ts';

const JOINTS = new Set(['of', 'for', 'in', 'on']);

/** @param one whose content is that of `other` but for its order. */
export function orderDiffers(one: Words, other: Words): boolean {
  const { length } = one.content;
  for (let at = 0; at < length; at++)
    if (one.content[at] !== other.content[at]) return !(turned(one, other) || turned(other, one));
  // From the airport to the hotel is not to the airport from the hotel.
  return one.joints.some(
    (joint, at) => joint !== '' && other.joints[at] !== '' && joint !== other.joints[at],
  );
}

/** Whether `linked` says X of Y where `plain` says Y X, and nothing else is another. */
function turned(linked: Words, plain: Words): boolean {
  const { length } = linked.content;
  let from = 0;
  while (linked.content[from] === plain.content[from]) from++;
  let to = length;
  while (linked.content[to - 1] === plain.content[to - 1]) to--;
  for (let joint = from + 1; joint < to; joint++) {
    if (!JOINTS.has(linked.joints[joint]!)) continue;
    const moved = to - joint;
    if (plain.joints[from + moved] !== '') continue;
    let fits = true;
    for (let at = from; at < to; at++) {
      const there = at < joint ? at + moved : at - (joint - from);
      fits &&= linked.content[at] === plain.content[there];
      // Within the parts the links are the same.
      if (at !== from && at !== joint) fits &&= linked.joints[at] === plain.joints[there];
    }
    if (fits) return true;
  }
  return false;
}
