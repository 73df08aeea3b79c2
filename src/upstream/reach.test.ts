import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Address } from '../contracts/names.ts';
import { type Attempts, reach } from './reach.ts';

class FakeSocket extends EventEmitter {
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Race {
  opened: string[];
  socket(address: string): FakeSocket;
  log: string[];
  fault: (Error & { code?: string }) | null;
  attempts: Attempts;
}

function race(...names: string[]): Race {
  const sockets = new Map<string, FakeSocket>();
  const made: Race = {
    opened: [],
    socket: (address) => sockets.get(address)!,
    log: [],
    fault: null,
    attempts: { stop() {} },
  };
  const addresses = names.map((address): Address => ({ address, family: 4 }));
  made.attempts = reach(
    addresses,
    ({ address }) => {
      const socket = new FakeSocket();
      sockets.set(address, socket);
      made.opened.push(address);
      return socket as unknown as Socket;
    },
    {
      reached: (_, { address }) => made.log.push(`reached ${address}`),
      missed: ({ address }) => made.log.push(`missed ${address}`),
      unreached(fault) {
        made.fault = fault;
        made.log.push('unreached');
      },
    },
  );
  return made;
}

const refused = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

describe('a connection to one of several addresses', () => {
  it('tries the next when one does not answer for a while, and gives none up before one stands', () => {
    const { opened, socket, log } = race('a', 'b', 'c');
    expect(opened).toEqual(['a']);
    vi.advanceTimersByTime(250);
    expect(opened).toEqual(['a', 'b']);
    vi.advanceTimersByTime(250);
    expect(opened).toEqual(['a', 'b', 'c']);
    vi.advanceTimersByTime(5_000);
    expect(socket('a').destroyed).toBe(false);
    // A far one that is only slow is still taken.
    socket('b').emit('connect');
    expect(log).toEqual(['missed a', 'reached b']);
    expect([socket('a'), socket('b'), socket('c')].map(({ destroyed }) => destroyed)).toEqual([
      true,
      false,
      true,
    ]);
    socket('a').emit('error', refused());
    socket('c').emit('connect');
    expect(log).toHaveLength(2);
  });

  it('tries the next at once when one fails', () => {
    const { opened, socket, log } = race('a', 'b');
    socket('a').emit('error', refused());
    expect(opened).toEqual(['a', 'b']);
    socket('b').emit('connect');
    expect(log).toEqual(['missed a', 'reached b']);
  });

  it('fails once all have failed, and says what became of each', () => {
    const made = race('a', 'b');
    made.socket('a').emit('error', refused());
    expect(made.fault).toBeNull();
    made.socket('b').emit('error', Object.assign(new Error('x'), { code: 'ETIMEDOUT' }));
    expect(made.fault).toBeInstanceOf(AggregateError);
    expect(made.fault).toMatchObject({ code: 'ECONNREFUSED' });
    const single = race('a');
    single.socket('a').emit('error', refused());
    expect(single.fault).toMatchObject({ code: 'ECONNREFUSED' });
    expect(single.fault).not.toBeInstanceOf(AggregateError);
  });

  it('tells nothing once it was stopped, and tries no more', () => {
    const { opened, socket, log, attempts } = race('a', 'b');
    attempts.stop();
    vi.advanceTimersByTime(1_000);
    socket('a').emit('error', refused());
    expect(socket('a').destroyed).toBe(true);
    expect(opened).toEqual(['a']);
    expect(log).toEqual([]);
  });
});
