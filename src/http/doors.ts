// The listeners beside the first: node's own, loaded where there is one. They follow the configuration: what it adds is opened, what
// it no longer has is closed behind the calls that are on it.
import { isDeepStrictEqual } from 'node:util';
import type { NodeListenerConfig } from '../contracts/listener.ts';
import type { AddressCapDeps } from './exchange/address-cap.ts';
import type { DescriptorGate } from './exchange/descriptor-gate.ts';
import type { ExchangeHost, RequestHandler } from './exchange/exchange.ts';
import type { GrpcDoor } from './grpc/grpc-door.ts';
import type { Listener } from './exchange/listener.ts';
import type { NodeListener } from './node/node-listener.ts';

export interface Doors extends Listener {
  /** @throws Error when one of them cannot be opened. */
  open(listeners: readonly NodeListenerConfig[]): Promise<void>;
  /**
   * The listeners are these from now on. Where only the certificate changed it is shown to new connections. One that cannot be opened
   * is told to `failed`, and tried again with the next configuration. Before `open` and behind `leave` nothing happens.
   */
  renew(listeners: readonly NodeListenerConfig[]): void;
  leave(): void;
}

interface Door {
  readonly place: string;
  config: NodeListenerConfig;
  readonly listener: NodeListener;
}

/** Listeners that were closed and are remembered for their connections; beyond it the oldest lose theirs. */
const MAX_RETIRED = 64;

export interface DoorDeps {
  descriptors: DescriptorGate;
  addresses: AddressCapDeps;
  /** One that a new configuration wants cannot be opened. */
  failed(error: Error): void;
}

export function createDoors(
  { descriptors, addresses, failed }: DoorDeps,
  host: ExchangeHost,
  handle: RequestHandler,
  grpc: GrpcDoor,
): Doors {
  const doors = new Set<Door>();
  /** Closed by a configuration; connections that were busy then may still be open. */
  const retired = new Set<NodeListener>();
  let live = false;
  /** Changes one behind the other, each to the newest configuration there is. */
  let changing: Promise<void> = Promise.resolve();
  let wanted: readonly NodeListenerConfig[] = [];

  async function openOne(config: NodeListenerConfig): Promise<void> {
    const { createNodeListener } = await import('./node/node-listener.ts');
    const place = placeOf(config);
    const taker = config.grpc ? await grpc.open() : null;
    const listener = createNodeListener(config, { descriptors, addresses }, host, handle, taker);
    try {
      await listener.listen();
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`cannot listen on ${place}: ${message}`, { cause });
    }
    // The worker is on its way out meanwhile.
    if (live) doors.add({ place, config, listener });
    else listener.close();
  }

  async function retire(door: Door): Promise<void> {
    doors.delete(door);
    retired.add(door.listener);
    const [oldest] = retired;
    if (retired.size > MAX_RETIRED && oldest !== undefined) {
      retired.delete(oldest);
      oldest.close();
    }
    door.listener.leave();
    await door.listener.stop();
  }

  async function change(): Promise<void> {
    for (const door of doors) {
      const now = wanted.find((config) => placeOf(config) === door.place);
      if (now === undefined || !isSameButForTls(now, door.config)) await retire(door);
      else if (now.tls !== null && !isDeepStrictEqual(now.tls, door.config.tls)) {
        door.listener.renew(now.tls);
        door.config = now;
      }
    }
    const open = new Set([...doors].map(({ place }) => place));
    for (const config of wanted) {
      if (!live || open.has(placeOf(config))) continue;
      await openOne(config).catch(failed);
    }
  }

  return {
    async open(listeners) {
      live = true;
      wanted = listeners;
      for (const config of listeners) await openOne(config);
    },
    renew(listeners) {
      if (!live || isDeepStrictEqual(listeners, wanted)) return;
      wanted = listeners;
      changing = changing.then(change).catch(failed);
    },
    leave() {
      live = false;
      grpc.leave();
      for (const { listener } of doors) listener.leave();
    },
    async stop() {
      live = false;
      await changing;
      await Promise.all([...doors].map(({ listener }) => listener.stop()));
    },
    close() {
      live = false;
      for (const { listener } of doors) listener.close();
      for (const listener of retired) listener.close();
    },
  };
}

/** A certificate changes in place; whether there is one at all, and whether clients show theirs, does not. */
function isSameButForTls(now: NodeListenerConfig, then: NodeListenerConfig): boolean {
  const rest = (config: NodeListenerConfig): object => ({
    ...config,
    tls: config.tls === null ? null : (config.tls.client ?? 'none'),
  });
  return isDeepStrictEqual(rest(now), rest(then));
}

/** @returns `host:port`, or the path of a Unix socket. */
export function placeOf({ unix, host, port }: Pick<NodeListenerConfig, 'unix' | 'host' | 'port'>): string {
  if (unix !== null) return unix;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
