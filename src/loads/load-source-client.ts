import type { ServerLoad } from '../contracts/load-signal.ts';
import type { Names } from '../contracts/names.ts';
import type { Clock } from '../contracts/ports.ts';

export interface LoadSourceClient {
  /** Null: there is nothing to tell yet. @throws Error */
  ask(timeoutMs: number): Promise<ServerLoad | null>;
  close(): void;
}

export interface LoadSourceDeps {
  clock: Clock;
  names?: Names | undefined;
  random(): number;
}
