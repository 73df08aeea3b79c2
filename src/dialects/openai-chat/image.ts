// POST /v1/images/generations, and edits whose pictures are named in JSON: only ever passed on, whole or streamed.
import type { EventCodec } from '../../contracts/dialect.ts';
import { NO_QUANTITIES } from '../../contracts/quantities.ts';
import { sse } from '../../wire/sse.ts';
import { badOutput } from '../bad-output.ts';
import { faultError } from '../fault-error.ts';
import { splice } from '../splice-model.ts';
import { faultIn } from './faults.ts';
import { createImageWatcher } from './image-watch.ts';
import { findUsage } from './usage.ts';

export const image = {
  framing: sse,
  address: (_target, _stream, template) => `/images/${template.endsWith('/edits') ? 'edits' : 'generations'}`,
  splice,
  createWatcher: createImageWatcher,
  readAnswer: (body) => {
    const { data } = body;
    if (!Array.isArray(data)) {
      const fault = faultIn(body, JSON.stringify(body));
      throw fault === null ? badOutput('The answer has no pictures.') : faultError(fault);
    }
    const quantities = { ...NO_QUANTITIES, images: data.length };
    return { usage: findUsage(body), quantities, stop: null, model: null, id: null };
  },
} as const satisfies EventCodec;
