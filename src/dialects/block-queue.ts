// One block at a time: for a dialect whose clients expect a block to end before the next begins. What a source interleaves
// waits here until the block before it is closed:
//
//   current ──► passed on as it comes
//   waiting ──► [ block: its deltas ][ block … ]   in the order they were opened
import type { Delta } from '../contracts/chat.ts';
import { GatewayError } from '../contracts/errors.ts';

/** Characters that may wait for another block's end. More is no answer any tool could take. */
const MAX_WAITING = 8 * 1024 * 1024;

/** One per stream. */
export class BlockQueue {
  #current: number | null = null;
  readonly #waiting = new Map<number, Delta[]>();
  #waitingSize = 0;

  /**
   * @returns what can be said now: null = the delta itself, else these in its place.
   * @throws GatewayError GW_UPSTREAM_TOO_LARGE when too much waits for one block to end.
   */
  take(delta: Delta): readonly Delta[] | null {
    switch (delta.kind) {
      case 'open':
        if (this.#current === null) {
          this.#current = delta.index;
          return null;
        }
        this.#waiting.set(delta.index, [delta]);
        return [];
      case 'text':
      case 'arguments':
      case 'signature':
      case 'citation':
        if (delta.index === this.#current) return null;
        this.#hold(delta.index, delta);
        return [];
      case 'close':
        if (delta.index !== this.#current) {
          this.#hold(delta.index, delta);
          return [];
        }
        this.#current = null;
        return this.#waiting.size === 0 ? null : this.#advance([delta]);
      case 'end':
        return this.#current === null && this.#waiting.size === 0 ? null : [...this.#rest(), delta];
      default:
        return null;
    }
  }

  #hold(index: number, delta: Delta): void {
    const held = this.#waiting.get(index);
    if (held === undefined) return;
    this.#waitingSize += sizeOf(delta);
    if (this.#waitingSize > MAX_WAITING) throw new GatewayError('GW_UPSTREAM_TOO_LARGE');
    held.push(delta);
  }

  // The next block that waited takes the place; those that are closed already come out whole.
  #advance(said: Delta[]): Delta[] {
    for (const [index, held] of this.#waiting) {
      this.#waiting.delete(index);
      for (const delta of held) {
        this.#waitingSize -= sizeOf(delta);
        said.push(delta);
      }
      if (held.at(-1)?.kind === 'close') continue;
      this.#current = index;
      break;
    }
    return said;
  }

  #rest(): Delta[] {
    const said: Delta[] = [];
    while (this.#current !== null) {
      said.push({ kind: 'close', index: this.#current });
      this.#current = null;
      this.#advance(said);
    }
    return said;
  }
}

/** Characters in it. */
function sizeOf(delta: Delta): number {
  if (delta.kind === 'signature') return delta.signature.length;
  return delta.kind === 'text' || delta.kind === 'arguments' ? delta.text.length : 0;
}
