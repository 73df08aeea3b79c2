import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { handleSignals } from './signals.ts';

function makeTarget(): { target: EventEmitter; did: string[] } {
  const target = new EventEmitter();
  const did: string[] = [];
  handleSignals(
    {
      stop: (signal) => did.push(`stop ${signal}`),
      stopNow: (signal) => did.push(`now ${signal}`),
      reload: () => did.push('reload'),
      roll: () => did.push('roll'),
    },
    target,
  );
  return { target, did };
}

describe('signals', () => {
  it('drain at the first and end at once at the second, in any mix', () => {
    const { target, did } = makeTarget();
    target.emit('SIGINT');
    target.emit('SIGTERM');
    target.emit('SIGINT');
    expect(did).toEqual(['stop SIGINT', 'now SIGTERM', 'now SIGINT']);
  });

  it('reload and roll as often as they are asked to', () => {
    const { target, did } = makeTarget();
    for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGHUP']) target.emit(signal);
    expect(did).toEqual(['reload', 'roll', 'reload']);
  });
});
