import type { Once } from '../contracts/once.ts';
import type { Call } from '../contracts/call.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';

/** Whether there is one caller, from whom nothing of others need be kept. Who is let in without a key is one beside those with one. */
export function aloneIn(directory: GatewayPorts['directory']): (call: Call) => boolean {
  return ({ snapshot }) => directory.size + (snapshot.config.auth.anonymous ? 1 : 0) <= 1;
}

/** Of a worker that is alone: it remembers as long as it lives, and the first is forgotten first. */
export function onceAlone(max = 20_000): Once {
  const done = new Map<string, string | null>();
  return {
    take(id, way) {
      const before = done.get(id);
      if (before !== undefined) return Promise.resolve(way !== null && before === way);
      done.set(id, way);
      if (done.size > max) for (const oldest of done.keys()) if (done.delete(oldest)) break;
      return Promise.resolve(true);
    },
  };
}
