// Takes what a call needs from the limits it meets. They are settled behind settle.ts, with everything else.
import type { Admission } from '../contracts/admission.ts';
import type { Stage, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';

/** Sets `call.limits`. */
export function createAdmit(admission: Admission): Stage {
  const result = (error: GatewayError | null): StageResult => error ?? 'continue';
  return (call) => {
    const admitted = admission.admit(call);
    return admitted === null || admitted instanceof GatewayError ? result(admitted) : admitted.then(result);
  };
}
