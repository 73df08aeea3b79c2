// Shadow traffic: a copy of the request to another model, beside the call and for nobody to hear. It is a call of its own (its row
// names this one as its parent), charged as any the gateway makes for its caller, and the caller never waits for it.
import type { Call, Stage } from '../../contracts/call.ts';
import type { Clock } from '../../contracts/ports.ts';
import type { InnerCalls } from '../inner-call.ts';
import { ShadowDesk } from './shadow-desk.ts';

/** A copy holds its body until it is sent: of larger ones none is made. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Of a copy, whose provider may have no clock of its own. */
const LONGEST_MS = 600_000;

export interface ShadowDeps {
  clock: Clock;
  inner: Pick<InnerCalls, 'shadow'>;
  /** What became of a call that was to be copied. */
  shadowed(outcome: 'ok' | 'failed' | 'concurrency' | 'budget' | 'too_large'): void;
}

export function createShadow({ clock, inner, shadowed }: ShadowDeps): Stage {
  /** By alias: bounded by the configuration. */
  const desks = new Map<string, ShadowDesk>();

  function copy(call: Call, desk: ShadowDesk, to: string): void {
    const made = inner.shadow(call, to, LONGEST_MS);
    made.answer.then(
      ({ call: { costNano } }) => {
        desk.over(costNano);
        shadowed('ok');
      },
      () => {
        desk.over(made.call.costNano);
        shadowed('failed');
      },
    );
  }

  return (call) => {
    const shadow = call.plan?.shadow;
    if (shadow === undefined || call.body === null || call.parent !== null) return 'continue';
    let desk = desks.get(call.plan!.name);
    if (desk === undefined) desks.set(call.plan!.name, (desk = new ShadowDesk()));
    const answer = desk.ask(shadow, call.snapshot.config.server.workers, clock.wall());
    if (answer === 'percent') return 'continue';
    if (answer !== 'copy') shadowed(answer);
    else if (call.body.length > MAX_BODY_BYTES) {
      desk.over(0);
      shadowed('too_large');
    } else copy(call, desk, shadow.to);
    return 'continue';
  };
}
