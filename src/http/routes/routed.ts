// Which route a request takes: by its path and method, and where several vendors have the same path by who asks.
import type { RequestHead } from '../../contracts/call.ts';
import type { ModelRoute, Route } from '../../contracts/route.ts';
import { callerDialect, isOfAws } from '../exchange/caller-dialect.ts';
import { forMethod, type Match, type RouteTable } from './route-table.ts';
import { AWS_RERANK, forCaller, isDecision, isRerank } from './routes.ts';

export interface Routed {
  readonly match: Match;
  /** As its client's vendor has it. */
  readonly route: Route;
}

const FORM = /^\s*multipart\/form-data\b/i;

const isJson = (type: string | null | undefined): boolean => /^\s*application\/json\b/i.test(type ?? '');

/** @param job whose own path it is; null = nobody's. */
export function routed(table: RouteTable, job: Match | null, head: RequestHead): Routed {
  const match = forMethod(job ?? table.match(head.path), head.method);
  const { route, vendor } = match;
  const byBody = route.kind === 'model' ? ofBody(route, head) : null;
  if (byBody !== null) return { match: { ...match, route: byBody }, route: byBody };
  if (route.kind === 'model' && route.forward === undefined && !isDecision(route) && vendor === undefined) {
    return { match, route: isRerank(route) && isOfAws(head.headers) ? AWS_RERANK : route };
  }
  const caller = callerDialect(head.headers);
  if (caller === 'anthropic' && vendor?.anthropic != null) {
    return { match: vendor.anthropic, route: vendor.anthropic.route };
  }
  // Files, batches, agents and decisions are called so at other vendors too.
  const google =
    caller === 'gemini' && (route.kind === 'model' || route.kind === 'unknown')
      ? table.google(head.path)
      : null;
  return google === null
    ? { match, route: forCaller(route, caller) }
    : { match: google, route: google.route };
}

/** What a body of the other kind goes through, where a path takes JSON and forms; null = there is no such thing, or it is of the usual kind. */
function ofBody({ asJson, asForm }: ModelRoute, { headers }: RequestHead): ModelRoute | null {
  if (asJson !== undefined && isJson(headers.get('content-type'))) return asJson;
  return asForm !== undefined && FORM.test(headers.get('content-type') ?? '') ? asForm : null;
}
