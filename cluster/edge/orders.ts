// What the centre wants of this machine: asked for by reporting what is found here, again and again, and kept on disk, so that what was denied
// is denied without the centre, too.
import path from 'node:path';
import type { EdgeFinding, EdgeOrders } from '../../src/contracts/edge.ts';
import { type GateApi, GateRefusal } from './centre/gate-api.ts';
import { blockedServers, type BlockedServer } from './guard/guard.ts';
import { readIfThere, replaceFile } from './setup/plain-file.ts';

export interface OrdersDeps {
  readonly api: Pick<GateApi, 'report' | 'orders'>;
  readonly version: string;
  find(): EdgeFinding[];
  /** Folder of the edge. */
  readonly folder: string;
  /** The centre answered, or did not: null = it did. */
  heard(trouble: Error | null): void;
}

export interface OrdersKeeper {
  /** Null: the centre has never said anything. */
  readonly orders: EdgeOrders | null;
  readonly blocked: readonly BlockedServer[];
  /** Asks now. Never rejects. */
  ask(): Promise<void>;
  /** Asks as often as the orders say. */
  start(): void;
  stop(): void;
}

const DEFAULT_SECONDS = 60;
export const ordersFile = (folder: string): string => path.join(folder, 'orders.json');

export function createOrders({ api, version, find, folder, heard }: OrdersDeps): OrdersKeeper {
  let orders = readOrders(folder);
  let findings = find();
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;
  /** What the centre knows of this machine, since this start. */
  let reported = '';
  let asking: Promise<void> | null = null;
  let again: Promise<void> | null = null;

  /** One behind the other: an answer that was on its way does not come behind a later one, and undo what that said. */
  function ask(): Promise<void> {
    if (asking === null) {
      asking = askNow().finally(() => {
        asking = null;
      });
      return asking;
    }
    again ??= asking.then(() => {
      again = null;
      return ask();
    });
    return again;
  }

  async function askNow(): Promise<void> {
    try {
      findings = find();
      const print = JSON.stringify(findings);
      const told = print === reported ? await api.orders() : await api.report(version, findings);
      // A centre that was put back to an older copy is told anew.
      reported = told.verdicts.length === findings.length ? print : '';
      orders = told;
      replaceFile(ordersFile(folder), `${JSON.stringify(told, null, 2)}\n`);
      heard(null);
    } catch (error) {
      // The key ended: a device that was taken away is not to go on as it was told before.
      if (error instanceof GateRefusal && (error.status === 401 || error.code === 'no_device'))
        orders = gone(orders);
      heard(error instanceof Error ? error : new Error(String(error)));
    }
  }
  function next(): void {
    if (stopped) return;
    timer = setTimeout(
      () => void ask().then(next),
      (orders?.policy.refreshSeconds ?? DEFAULT_SECONDS) * 1_000,
    ).unref();
  }

  return {
    get orders() {
      return orders;
    },
    get blocked() {
      return blockedServers(orders, findings);
    },
    ask,
    start: next,
    stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** As they were heard last; null = never. */
export function readOrders(folder: string): EdgeOrders | null {
  try {
    const text = readIfThere(ordersFile(folder));
    return text === null ? null : (JSON.parse(text) as EdgeOrders); // written by `ask`
  } catch {
    return null;
  }
}

function gone(orders: EdgeOrders | null): EdgeOrders | null {
  if (orders === null) return null;
  return { ...orders, decision: 'block', device: { ...orders.device, state: 'denied' } };
}
