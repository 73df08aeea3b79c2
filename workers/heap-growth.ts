// How far V8's heap may grow before it is collected: a third of what lives, which after a flood leaves little behind
// (cluster/crew/process-setup.ts); more while it is small. Calls that last for a second get old, and of 300 streams a third of 27 MB was
// full every three seconds: marking all that lives, code above all, was 1 us of a delta's 20 (docs/performance.md).

/** Up to here a heap is one that has met no flood: code, and what calls of usual size leave. */
const SMALL_BYTES = 64 * 1024 * 1024;
const OF_LARGE = 30;
/** Together with what a load of small requests adds it stays below what workers/idle-memory.ts would collect, and the code with it. */
const OF_SMALL = 60;

export interface HeapGrowthDeps {
  /** Of V8's heap, living or not yet collected. */
  usedBytes(): number;
  /** What the next collection goes by. */
  setFlag(flag: string): void;
}

/** @returns what is to be called about once a second. */
export function createHeapGrowth({ usedBytes, setFlag }: HeapGrowthDeps): () => void {
  let percent = OF_LARGE;
  return () => {
    const wanted = usedBytes() < SMALL_BYTES ? OF_SMALL : OF_LARGE;
    if (wanted === percent) return;
    percent = wanted;
    setFlag(`--heap-growing-percent=${percent}`);
  };
}
