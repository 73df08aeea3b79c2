// What operations have in common whose requests are forwarded as they came: on objects that a provider keeps, and with forms.
import type { Operation } from '../contracts/operation.ts';

type Shared = Pick<
  Operation,
  'refusable' | 'estimated' | 'raw' | 'standIn' | 'modelIn' | 'meters' | 'billed' | 'flow'
>;

/** On an object at a provider, which belongs to the key that made it. */
export const KEPT_OBJECT: Shared = {
  refusable: false,
  estimated: false,
  raw: { verbatim: false, headers: 'dialect', objects: true },
  standIn: null,
  modelIn: null,
  meters: ['requests'],
  billed: false,
  flow: [
    'own', // what it names is the caller's, or is answered as if it were not there
    'plugins', // what is asked, and for which model, may be another than its client said
    'provider', // no model says where it goes: path, header, or who made the object does
    'permit', // what the caller may use of it, before anything is counted
    'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
    'guardrails', // what is asked stands: it may be refused, or parts of it taken out, before it counts
    'admit', // limits on the key and the caller
    'dispatch', // hands it on, both ways
  ],
};

/** As KEPT_OBJECT, and what is put up may itself refer to files. */
export const NAMES_FILES: Shared = {
  ...KEPT_OBJECT,
  flow: [
    'own', // what it names is the caller's, or is answered as if it were not there
    'files', // and so are the files that its requests refer to, looked up while they go by
    ...KEPT_OBJECT.flow.slice(1),
  ],
};

/** JSON in and out whose model says where it goes, and nothing of it is read but what was used. */
export const MODEL_JSON: Shared = {
  refusable: true,
  estimated: false,
  raw: { verbatim: false, headers: 'dialect', objects: false },
  standIn: null,
  modelIn: 'model',
  meters: ['requests', 'tokens'],
  billed: true,
  flow: [
    'identify', // the model it names
    'files', // files it refers to are the caller's, or are answered as if they were not there
    'plugins', // what is asked, and for which model, may be another than its client said
    'provider', // its vendor may choose the model: path or header say whose it is
    'plan', // names the targets
    'permit', // what the caller may use of it, before anything is counted
    'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
    'guardrails', // what is asked stands: it may be refused, or parts of it taken out, before it counts
    'admit', // limits on the key and the caller
    'dispatch', // hands it on
  ],
};

/** A form whose model says where it goes. */
export const MODEL_FORM: Shared = {
  refusable: true,
  estimated: false,
  raw: { verbatim: false, headers: 'dialect', objects: false },
  standIn: null,
  modelIn: 'model',
  meters: ['requests'],
  billed: true,
  flow: [
    'files', // files it refers to are the caller's, or are answered as if they were not there
    'form', // looks for the model in the form as it comes: behind the file, what came is kept on disk
    'plugins', // what is asked, and for which model, may be another than its client said
    'plan', // names the targets
    'permit', // what the caller may use of it, before anything is counted
    'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
    'guardrails', // what is asked stands: it may be refused, or parts of it taken out, before it counts
    'admit', // limits on the key and the caller
    'dispatch', // hands it on, both ways
  ],
};
