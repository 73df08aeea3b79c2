import type { Operation } from '../contracts/operation.ts';
import { KEPT_OBJECT } from './forwarded.ts';

/** Work that a provider does when it has time, all of it in the body: begun, told of, listed, cancelled, deleted. */
export const messageBatch: Operation = {
  name: 'message-batch',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...KEPT_OBJECT,
  billed: true,
  chargedByResults: true,
  flow: [
    'own', // the batch that it names is the caller's, or is answered as if it were not there
    'files', // and so are the files that its requests refer to, looked up while they go by
    'plugins', // what is asked, and for which model, may be another than its client said
    'provider', // no model says where it goes: path, header, or who made the batch does
    'permit', // what the caller may use of it, before anything is counted
    'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
    'guardrails', // what is asked stands: it may be refused, or parts of it taken out, before it counts
    'admit', // limits on the key and the caller
    'dispatch', // hands it on, both ways
  ],
};
