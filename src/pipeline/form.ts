// Finds the model that a form names, while the form comes. What came before it is kept, on disk where it is much: senders put
// a file of many megabytes before the name.
import { boundaryOf, FormReader } from '../body/form.ts';
import { formFacts } from '../body/form-facts.ts';
import type { Call, Stage, StageResult } from '../contracts/call.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Clock } from '../contracts/ports.ts';
import type { OpenSpool } from '../contracts/spool.ts';
import { FormUpload } from './form-upload.ts';
import { nameProvider } from './name-provider.ts';

const MODEL = 'model';

export interface FormDeps {
  clock: Pick<Clock, 'now'>;
  openSpool: OpenSpool;
}

/** Sets `call.facts`; where a model is not needed and none is named, `call.plan`. */
export function createForm({ clock, openSpool }: FormDeps): Stage {
  const found = (call: Call, reader: FormReader): StageResult => {
    const field = reader.field(MODEL);
    call.facts = formFacts(call.params['model'] ?? field?.value ?? null, field);
    call.inspectedAt = clock.now();
    // OpenAI's forms of pictures need not name one.
    const { model } = call.facts;
    return model === null && call.operation!.name === 'image-form' ? nameProvider(call) : 'continue';
  };
  return (call) => {
    const { head, upload } = call;
    const boundary = boundaryOf(head.headers.get('content-type'));
    if (boundary === null) {
      return new GatewayError('GW_CLIENT_MEDIA_TYPE', {
        message: 'This route takes `multipart/form-data` with a boundary.',
      });
    }
    const encoding = head.headers.get('content-encoding') ?? 'identity';
    if (encoding !== 'identity') {
      return new GatewayError('GW_CLIENT_MEDIA_TYPE', {
        message: 'A form is not taken in a content-encoding.',
      });
    }
    const reader = new FormReader(boundary, [MODEL]);
    if (upload === null) {
      reader.push(call.body!);
      reader.end();
      return found(call, reader);
    }
    const form = new FormUpload(upload, reader, MODEL, openSpool);
    call.upload = form;
    const work = { cancel: () => form.abort() };
    call.begin(work);
    return form.named().then(
      () => {
        call.finish(work);
        return found(call, reader);
      },
      (cause: unknown) => {
        call.finish(work);
        throw cause;
      },
    );
  };
}
