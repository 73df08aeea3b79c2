// Whether a request's body is read whole before anything is done with it, or handed on while it comes.
import type { Call } from '../../contracts/call.ts';
import type { ArrivedHead } from './exchange.ts';

/** A shorter body is read whole: it can then be sent again where the first try fails. */
const SHORT_BYTES = 64 * 1024;

export function isHandedOn(call: Call, { chunked, contentLength }: ArrivedHead): boolean {
  const intake = call.operation?.intake;
  if (intake !== 'stream' && intake !== 'form') return false;
  if (!chunked && contentLength <= SHORT_BYTES) return false;
  // A signature, the client's or ours, is over the whole of it.
  return call.prove === null && !isSigned(call);
}

function isSigned({ params, snapshot }: Call): boolean {
  const provider = snapshot.config.providers.find(({ name }) => name === params['provider']);
  return provider?.speaks.some(({ auth }) => auth.kind === 'aws') === true;
}
