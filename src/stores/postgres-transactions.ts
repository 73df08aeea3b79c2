// Transactions on one connection of PostgreSQL that may be lost at any moment. The package's own `begin` sends its ROLLBACK on a
// connection that is gone, from a timer of its own, where nobody can catch what that throws: the process ended. So a transaction
// here holds a reserved connection, asks whether it is still there before each statement, and leaves a client that lost its
// connection within a transaction to its end: what is still in its buffers would be sent to the server that is back.
import { behindTurns, type Deadline } from '../ipc/behind-reads.ts';
import type { SqlRow } from './sql-driver.ts';

const nothing = (): void => undefined;

export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly SqlRow[]>;

/** What is used of the package: a client with one connection. */
export interface OneConnection {
  unsafe(text: string): PromiseLike<unknown>;
  reserve(): Promise<{ unsafe(text: string, values: never[]): Promise<readonly SqlRow[]>; release(): void }>;
  end(options: { timeout: number }): Promise<void>;
}

export interface Transactions {
  /** BEGIN, `work`, COMMIT; in the order they are asked for. @throws what `work` or the server throws, after a ROLLBACK */
  run<T>(work: (query: Query) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * A client that is free hands out its connection at once, or as soon as it is made, within its time for that (2 s). One that lost it at
 * the wrong moment never does, and never says so: it is left then.
 */
const RESERVE_MS = 3_000;

interface Client {
  readonly connection: OneConnection;
  /**
   * Its first statement. Without asking for types the package forgets whoever waits to reserve a connection that is only opening.
   */
  opened: PromiseLike<unknown> | null;
  isLost: boolean;
  /** Whoever waits for an answer, one at a time: when the connection is lost it may never come. */
  whenLost: (error: Lost) => void;
}

/** As the package says that a connection is gone. */
class Lost extends Error {
  readonly code = 'CONNECTION_CLOSED';
}

/** The answer, or that it will not come. */
function orLost<T>(client: Client, answer: PromiseLike<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    client.whenLost = reject;
    answer.then(resolve, reject);
  });
}

/**
 * @param open a client with one connection at most, which calls `lost` before anything that waited on it hears of it
 * @param begin what begins a transaction
 * @param reserveMs that a connection is waited for
 */
export function createTransactions(
  open: (lost: () => void) => OneConnection,
  begin = 'BEGIN',
  reserveMs = RESERVE_MS,
): Transactions {
  let current: Client | null = null;
  /** The transaction before: they take turns here, so that whoever waits for a connection waits for nobody else. */
  let turn: Promise<void> = Promise.resolve();

  function client(): Client {
    // One that lost its connection, while it was idle too, is used no more.
    if (current !== null && !current.isLost) return current;
    if (current !== null) leave(current);
    const made: Client = {
      connection: open(() => {
        made.isLost = true;
        made.whenLost(new Lost('the connection was lost'));
      }),
      opened: null,
      isLost: false,
      whenLost: nothing,
    };
    current = made;
    return made;
  }

  function leave(left: Client): void {
    if (current === left) current = null;
    left.connection.end({ timeout: 1 }).catch(() => undefined);
  }

  async function reserved(mine: Client): ReturnType<OneConnection['reserve']> {
    let timer: Deadline | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = behindTurns(reserveMs, () => reject(new Lost('no connection was to be had')));
    });
    try {
      mine.opened ??= mine.connection.unsafe('SELECT 1');
      const held = mine.opened.then(() => mine.connection.reserve());
      return await Promise.race([orLost(mine, held), late]);
    } catch (error) {
      leave(mine);
      throw error;
    } finally {
      timer?.clear();
    }
  }

  async function transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    const mine = client();
    const held = await reserved(mine);
    const query: Query = async (text, values = []) => {
      if (mine.isLost) throw new Lost('the connection was lost within the transaction');
      // Texts and numbers, as the driver's statements have them.
      return orLost(mine, held.unsafe(text, [...values] as never[]));
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
      if (back && !mine.isLost) held.release();
      else leave(mine);
      throw error;
    }
  }

  return {
    run(work) {
      const made = turn.then(() => transaction(work));
      turn = made.then(nothing, nothing);
      return made;
    },
    async close() {
      const last = current;
      current = null;
      await last?.connection.end({ timeout: 1 });
    },
  };
}
