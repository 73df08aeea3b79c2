// POST /v1/messages/count_tokens: the vendor's own counter where the target has one (dispatch carries the call there),
// else our estimate, marked as such.
import type { Admission } from '../contracts/admission.ts';
import type { Call, Stage } from '../contracts/call.ts';
import type { DialectName } from '../contracts/dialect.ts';
import type { HeaderList } from '../contracts/sink.ts';
import type { Settle } from './settle.ts';

export interface CountDeps {
  /** Prompt tokens of a body; the count runs in a thread. */
  count(body: Buffer, dialect: DialectName, model: string, signal: AbortSignal): Promise<number>;
  settle: Settle;
  /** What the answer says of the limits of its key. */
  admission: Pick<Admission, 'headers'>;
}

export function createCount(deps: CountDeps): Stage {
  return (call: Call) => {
    const target = call.plan!.targets[0]!;
    if (target.dialect.name === call.route.dialect && target.provider.kind === 'http') return 'continue';
    const body = call.body!;
    const abort = new AbortController();
    call.onGone = () => abort.abort();
    call.provider = target.provider.name;
    call.upstreamModel = target.model;
    return deps.count(body, call.route.dialect, target.model, abort.signal).then((tokens) => {
      if (call.settled) return 'taken';
      const headers: HeaderList = [
        ['content-type', 'application/json'],
        ['x-headgate-estimated', '1'],
        ['x-headgate-provider', target.provider.name],
        ['x-headgate-model', target.model],
        ...deps.admission.headers(call),
      ];
      call.sink.reply(200, headers, JSON.stringify({ input_tokens: tokens }));
      deps.settle(call, { status: 200, error: null, facts: null });
      return 'taken';
    });
  };
}
