// The listeners beside the first: node's own, loaded where there is one.
import { isDeepStrictEqual } from 'node:util';
import type { NodeListenerConfig } from '../contracts/listener.ts';
import type { DescriptorGate } from './descriptor-gate.ts';
import type { ExchangeHost, RequestHandler } from './exchange.ts';
import type { Listener } from './listener.ts';
import type { NodeListener } from './node-listener.ts';

export interface Doors extends Listener {
  /** @throws Error when one of them cannot be opened. */
  open(listeners: readonly NodeListenerConfig[]): Promise<void>;
  /** Certificates that changed are shown from now on. What else changed counts from the next start. */
  renew(listeners: readonly NodeListenerConfig[]): void;
  leave(): void;
}

interface Door {
  readonly place: string;
  config: NodeListenerConfig;
  readonly listener: NodeListener;
}

export function createDoors(descriptors: DescriptorGate, host: ExchangeHost, handle: RequestHandler): Doors {
  const doors: Door[] = [];
  return {
    async open(listeners) {
      const { createNodeListener } = await import('./node-listener.ts');
      for (const config of listeners) {
        const place = placeOf(config);
        const listener = createNodeListener(config, descriptors, host, handle);
        try {
          await listener.listen();
        } catch (cause) {
          throw new Error(
            `cannot listen on ${place}: ${cause instanceof Error ? cause.message : String(cause)}`,
            {
              cause,
            },
          );
        }
        doors.push({ place, config, listener });
      }
    },
    renew(listeners) {
      for (const door of doors) {
        const now = listeners.find((config) => placeOf(config) === door.place);
        if (now === undefined || now.tls === null || isDeepStrictEqual(now.tls, door.config.tls)) continue;
        door.listener.renew(now.tls);
        door.config = now;
      }
    },
    leave() {
      for (const { listener } of doors) listener.leave();
    },
    async stop() {
      await Promise.all(doors.map(({ listener }) => listener.stop()));
    },
    close() {
      for (const { listener } of doors) listener.close();
    },
  };
}

/** @returns `host:port`, or the path of a Unix socket. */
export function placeOf({ unix, host, port }: Pick<NodeListenerConfig, 'unix' | 'host' | 'port'>): string {
  if (unix !== null) return unix;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
