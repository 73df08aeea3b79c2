// Transactions on one connection of PostgreSQL that may be lost at any moment. The package's own `begin` sends its ROLLBACK on a
// connection that is gone, from a timer of its own, where nobody can catch what that throws: the process ended. So a transaction
// here holds a reserved connection, asks whether it is still there before each statement, and leaves a client that lost its
// connection within a transaction to its end: what is still in its buffers would be sent to the server that is back.
import type { SqlRow } from './sql-driver.ts';

export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly SqlRow[]>;

/** What is used of the package: a client with one connection. */
export interface OneConnection {
  reserve(): Promise<{ unsafe(text: string, values: never[]): Promise<readonly SqlRow[]>; release(): void }>;
  end(options: { timeout: number }): Promise<void>;
}

export interface Transactions {
  /** BEGIN, `work`, COMMIT; in the order they are asked for. @throws what `work` or the server throws, after a ROLLBACK */
  run<T>(work: (query: Query) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Client {
  readonly connection: OneConnection;
  /** How often it was lost. */
  losses: number;
}

/** As the package says that a connection is gone. */
class Lost extends Error {
  readonly code = 'CONNECTION_CLOSED';
}

/**
 * @param open a client with one connection at most, which calls `lost` before anything that waited on it hears of it
 * @param begin what begins a transaction
 */
export function createTransactions(open: (lost: () => void) => OneConnection, begin = 'BEGIN'): Transactions {
  let current: Client | null = null;

  function client(): Client {
    if (current !== null) return current;
    const made: Client = {
      connection: open(() => {
        made.losses += 1;
      }),
      losses: 0,
    };
    current = made;
    return made;
  }

  function leave(left: Client): void {
    if (current === left) current = null;
    left.connection.end({ timeout: 1 }).catch(() => undefined);
  }

  return {
    async run(work) {
      const mine = client();
      const held = await mine.connection.reserve();
      const before = mine.losses;
      const lost = (): boolean => mine.losses !== before;
      const query: Query = async (text, values = []) => {
        if (lost()) throw new Lost('the connection was lost within the transaction');
        return held.unsafe(text, [...values] as never[]); // texts and numbers, as the driver's statements have them
      };
      try {
        await query(begin);
        const result = await work(query);
        await query('COMMIT');
        held.release();
        return result;
      } catch (error) {
        const back = await query('ROLLBACK').then(
          () => true,
          () => false,
        );
        if (back && !lost()) held.release();
        else leave(mine);
        throw error;
      }
    },
    async close() {
      const last = current;
      current = null;
      await last?.connection.end({ timeout: 1 });
    },
  };
}
