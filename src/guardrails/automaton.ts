// The automaton of Aho and Corasick (1975) as a table of rows: a state and a class of characters lead to the next state.

/** A tree of what is looked for: of each state the states that classes lead to, the root first. */
export type Tree = readonly ReadonlyMap<number, number>[];

/**
 * Where each state and class lead, also where the tree ends: to the longest end of what was read that something begins with.
 *
 * @param width classes. @param inherit what ends in a state ends in another as well.
 * @returns offsets of rows (state times width), by row and class.
 */
export function linked(
  tree: Tree,
  width: number,
  inherit: (state: number, from: number) => void,
): Int32Array {
  const next = new Int32Array(tree.length * width);
  const fails = new Int32Array(tree.length);
  const order: number[] = [];
  for (const [unit, to] of tree[0]!) {
    next[unit] = to * width;
    order.push(to);
  }
  for (let at = 0; at < order.length; at++) {
    const state = order[at]!;
    const fail = fails[state]!;
    inherit(state, fail);
    for (let unit = 0; unit < width; unit++) {
      const to = tree[state]!.get(unit);
      if (to === undefined) next[state * width + unit] = next[fail * width + unit]!;
      else {
        fails[to] = next[fail * width + unit]! / width;
        next[state * width + unit] = to * width;
        order.push(to);
      }
    }
  }
  return next;
}
