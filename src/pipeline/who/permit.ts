// What of its plan a caller may use, and for whom it calls. Stands in the flow of every operation that costs anything; the
// other things a key may not do are refused before its body is read (guard.ts).
import type { Call, StageResult } from '../../contracts/call.ts';
import { forbidden, mayAskUnseen, mayNameBeside } from './unseen.ts';

/** Sets `call.customer`; takes targets that the caller may not use out of `call.plan`. */
export function permit(call: Call): StageResult {
  const principal = call.principal!;
  call.customer = principal.customer ?? customerOf(call);
  const { permits } = principal;
  if (permits === null || call.plan === null) return 'continue';
  // Its provider is known, and no model.
  if (call.plan.targets[0]!.model === '') return mayAskUnseen(call, permits);
  const within = permits.within(call.plan);
  if (within === null) {
    // In its own words: what the name stands for is not its business.
    const name = (call.facts?.model ?? call.plan.name).slice(0, 200);
    return forbidden(`This key may not use the model \`${name}\`.`, 'model');
  }
  call.plan = within;
  return mayNameBeside(call, permits);
}

/** A header that the operator named is set by a back end; a body is written by who calls that one. */
function customerOf({ snapshot, head, facts }: Call): string | null {
  const { customerHeader } = snapshot.config.auth;
  const stated = customerHeader === undefined ? undefined : head.headers.get(customerHeader);
  return stated === undefined || stated === '' ? (facts?.endUser ?? null) : stated;
}
