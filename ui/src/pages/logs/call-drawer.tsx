// One call, whole: how it went, who and what, what it cost, why this target, what was said.
import { get } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import type { LogPage, WholeCall } from '../../api/logs.ts';
import { ApiProblem } from '../../api/problem.ts';
import { Copy } from '../../parts/copy.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNote } from '../../parts/error-note.tsx';
import { Shape } from '../../parts/shape.tsx';
import { Bodies } from './bodies.tsx';
import { CallFacts } from './call-facts.tsx';
import { Cost } from './cost.tsx';
import { Repeat } from './repeat.tsx';
import { Outcome } from './outcome.tsx';
import { Why } from './why.tsx';
import { Waterfall } from './waterfall.tsx';
import './call.css';

export function CallDrawer({ id, close }: { id: string; close: () => void }) {
  const { data, problem, again } = useLoad(id, (signal) => readCall(id, signal), { fresh: id });
  return (
    <Dialog title={`Request ${id}`} close={close} drawer>
      {data === null && problem === null && <Shape lines={10} />}
      {problem?.status === 404 ? (
        <Empty title="There is no such request in the log">
          <p>
            It may be older than what is kept, belong to a team that is not yours, or still be under way: a
            call is written down when it has ended.
          </p>
          <button type="button" onClick={again}>
            Look again
          </button>
        </Empty>
      ) : (
        problem !== null && <ErrorNote problem={problem} again={again} />
      )}
      {data !== null && <Whole data={data} />}
    </Dialog>
  );
}

function Whole({ data }: { data: WholeCall }) {
  const { call, attempts, charges = [], children = [], bodies = [] } = data;
  return (
    <div class="stack call">
      <div class="row">
        <span class="badge-line">
          <Outcome row={call} />
        </span>
        <span class="break">
          {call.operation} · {call.requestedModel || call.model}
        </span>
        <span class="fill" />
        <Copy text={call.call} label="Copy the id" />
      </div>
      {call.error !== '' && (
        <p class="note bad-note">
          <span>
            <code>{call.error}</code> {call.errorType.replaceAll('_', ' ')}
            {call.owner !== '' && <span class="muted"> · {call.owner}</span>}
          </span>
        </p>
      )}
      <Waterfall call={call} attempts={attempts} />
      <Why call={call} attempts={attempts} />
      <CallFacts call={call} />
      <Cost call={call} charges={charges} />
      <Bodies bodies={bodies} />
      {children.length > 0 && (
        <section>
          <h3>Calls the gateway made for it</h3>
          <ul class="plain-list">
            {children.map((child) => (
              <li key={child.id} class="break">
                <a href={`/ui/logs?open=${encodeURIComponent(child.call)}`}>{child.call}</a> ·{' '}
                {child.operation} · {child.model}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Repeat call={call} bodies={bodies} />
    </div>
  );
}

/** Ids that clients chose may not fit a path: those are found by the list. */
async function readCall(id: string, signal: AbortSignal): Promise<WholeCall> {
  if (/^[A-Za-z0-9][A-Za-z0-9._@:-]{0,127}$/.test(id))
    return get<WholeCall>(`/api/logs/${encodeURIComponent(id)}`, signal);
  const { rows } = await get<LogPage>(
    `/api/logs?rows=attempts&facets=false&call=${encodeURIComponent(id)}`,
    signal,
  );
  const call = rows.find(({ final }) => final) ?? rows[0];
  if (call === undefined)
    throw new ApiProblem({
      status: 404,
      code: 'not_found',
      message: 'There is no such call in the log.',
      param: '',
      requestId: '',
    });
  return { call, attempts: rows.filter(({ attempt }) => attempt > 0).reverse() };
}
