// Equal requests of one caller that are under way share one upstream call, where the route or the request says so. What makes
// requests equal is the cache's key; beside it what changes the bytes of an answer, though not what it says.
import type { RequestKey } from '../../cache/key.ts';
import type { Call, Stage } from '../../contracts/call.ts';
import { habitsOf, tellsUsageApart } from '../answer/client-habits.ts';
import type { SharedAnswers } from './shared-answers.ts';

const HEADER = 'x-headgate-coalesce';
/** Headers of the client that go on and change answers. */
const TELLING = ['anthropic-beta', 'anthropic-version', 'openai-beta'] as const;

export interface CoalesceDeps {
  answers: Pick<SharedAnswers, 'share'>;
  key: RequestKey;
  /** More than one worker, or node. */
  others(call: Call): boolean;
}

export function createCoalesce(deps: CoalesceDeps): Stage {
  return (call) => {
    const { head, snapshot, route } = call;
    const { coalesce } = snapshot.config;
    const asked = head.headers.hasOwn ? switchOf(head.headers.get(HEADER)) : null;
    if (!(asked ?? coalesce.routes.includes(route.template)) || call.body === null || call.facts === null)
      return 'continue';
    const name = `c${keyOf(deps.key, call, call.body)}`;
    const { maxAnswerBytes: maxBytes } = coalesce;
    return deps.answers.share(call, { name, print: '', maxBytes, ttlMs: 0, claimed: deps.others(call) });
  };
}

function keyOf(key: RequestKey, call: Call, body: Buffer): string {
  const { head, operation, plan, prefix, principal, route } = call;
  const facts = call.facts!; // looked at above
  return key({
    scope: principal!.id,
    operation: operation!.name,
    dialect: route.dialect,
    models: plan!.targets.map(({ label }) => label),
    more: [
      route.template,
      String(call.stream),
      String(tellsUsageApart(call)),
      facts.model ?? '',
      head.query,
      call.customer ?? '',
      ...TELLING.map((name) => head.headers.get(name) ?? ''),
      ...ownHeaders(call),
      ...(habitsOf(call) === null ? [] : ['habits', prefix!]),
    ],
    body,
    facts,
  });
}

/** Null: it says nothing that we know. */
function switchOf(text: string | undefined): boolean | null {
  if (text === '1' || text === 'true') return true;
  return text === '0' || text === 'false' ? false : null;
}

function ownHeaders({ head: { headers } }: Call): string[] {
  const own: string[] = [];
  for (let at = 0; at < headers.count; at++)
    if (headers.nameAt(at).startsWith('x-headgate-'))
      own.push(`${headers.nameAt(at)}: ${headers.valueAt(at)}`);
  return own;
}
