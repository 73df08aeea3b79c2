// The one verb going down: a stage gets the call, adds facts to it and says how it goes on.
import type { Call } from '../contracts/call.ts';
import type { GatewayError } from '../contracts/errors.ts';

/** `continue`: the next stage; `taken`: this stage answers, now or later; an error: the call is refused with it. */
export type StageResult = 'continue' | 'taken' | GatewayError;

/** A promise only where the work really waits (a thread, a decompression): the common case stays synchronous. */
export type Stage = (call: Call) => StageResult | Promise<StageResult>;
