// The only file that loads piscina, for the pool and for its tasks; late, because a gateway without threads needs none of it.
import { createRequire } from 'node:module';
import type * as PiscinaModule from 'piscina';

export type { Piscina } from 'piscina';

const require = createRequire(import.meta.url);

type Transferable = Parameters<typeof PiscinaModule.move>[0];

/** Loaded with the first large body: a start needs none (14 ms). */
export function loadPiscina(): typeof PiscinaModule {
  return require('piscina') as typeof PiscinaModule;
}

/** An answer of a task whose buffer goes back to the main thread without being copied. */
export function movedBack<T extends object>(answer: T, body: Buffer): T {
  if (!ownsMemory(body)) return answer;
  const { move, transferableSymbol, valueSymbol } = loadPiscina();
  // A lazily loaded module's symbols are no keys to the type checker.
  const moved: unknown = { [transferableSymbol]: [body.buffer], [valueSymbol]: answer };
  return move(moved as Transferable) as T;
}

// Slices, such as those of Buffer's pool, cannot be moved: their neighbours would lose their bytes.
export function ownsMemory(body: Buffer): body is Buffer<ArrayBuffer> {
  return body.buffer instanceof ArrayBuffer && body.byteLength === body.buffer.byteLength;
}
