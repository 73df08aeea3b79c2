// Plugins on a request: behind who calls, and before anything is known of where it goes. They may ask for something else, refuse,
// or answer; what else of the call they want to see is left on it here.
import type { BodyFacts } from '../../contracts/body.ts';
import type { Call, Stage, StageResult } from '../../contracts/call.ts';
import type { RequestDecision } from '../../contracts/plugin.ts';
import type { Sink } from '../../contracts/sink.ts';
import { parseObject } from '../../dialects/lenient.ts';
import { isFor } from '../../guardrails/when.ts';
import { requestDecision } from '../../plugins/decision.ts';
import type { PluginHost } from '../../plugins/host.ts';
import { replaceBody } from '../replace-body.ts';
import { lookUpstream } from './before-upstream.ts';
import { changedBody } from './changed-body.ts';
import { PluginFilter } from './plugin-filter.ts';
import { PluginQueue } from './plugin-queue.ts';
import { PluginsOfCall } from './plugins-of-call.ts';
import { read, refusalOf } from './read-decision.ts';

export interface OnRequestDeps {
  /** Of the call's configuration, in order. */
  hosts(call: Call): readonly PluginHost[];
  inspect(body: Buffer): BodyFacts;
  now(): number;
  /** Stands around the sink of a call whose answer plugins want to see. */
  around(sink: Sink, call: Call): Sink;
}

export function createOnRequest(deps: OnRequestDeps): Stage {
  return (call) => {
    const hosts = chosen(deps.hosts(call), call);
    if (hosts.length === 0) return 'continue';
    const starting = hosts.map(({ ready }) => ready).filter((ready) => ready !== null);
    if (starting.length === 0) return run(deps, call, hosts);
    return Promise.all(starting).then(() => (call.settled ? 'continue' : run(deps, call, hosts)));
  };
}

function chosen(hosts: readonly PluginHost[], call: Call): readonly PluginHost[] {
  const who = {
    principal: call.principal!,
    customer: call.principal!.customer ?? call.facts?.endUser ?? null,
    models: call.facts?.model == null ? [] : [call.facts.model],
    operation: call.operation!.name,
  };
  return hosts.filter(({ config }) => isFor(config.when, who));
}

function run(
  deps: OnRequestDeps,
  call: Call,
  hosts: readonly PluginHost[],
): StageResult | Promise<StageResult> {
  const plugins = new PluginsOfCall(call, hosts, lookUpstream);
  call.plugins = plugins;
  if (plugins.with('onAnswer').length > 0) call.sink = deps.around(call.sink, call);
  if (call.operation!.answer === 'deltas') hear(call, plugins, plugins.with('onDelta'));
  return next(deps, call, plugins, plugins.with('onRequest'), 0);
}

/** What answers say goes through those with `onDelta`: at once where all of them can, in order in any case. */
function hear(call: Call, plugins: PluginsOfCall, hosts: readonly PluginHost[]): void {
  if (hosts.length === 0) return;
  if (hosts.every(({ config }) => config.mode === 'process'))
    call.filters = [...call.filters, () => new PluginFilter(hosts, plugins)];
  else plugins.deltas = (out, news) => new PluginQueue(hosts, plugins, out, news);
}

function next(
  deps: OnRequestDeps,
  call: Call,
  plugins: PluginsOfCall,
  hosts: readonly PluginHost[],
  from: number,
): StageResult | Promise<StageResult> {
  for (let at = from; at < hosts.length; at++) {
    const host = hosts[at]!;
    const given = host.ask('onRequest', () => ({
      call: plugins.info(),
      headers: headersOf(call, host.config.headers),
      body: call.body === null || call.facts === null ? null : parseObject(call.body.toString()),
    }));
    if (given instanceof Promise) return later(deps, call, plugins, hosts, at, given);
    const result = decided(deps, call, plugins, host, given);
    if (result !== 'continue') return result;
    if (plugins.answer !== null) break;
  }
  return 'continue';
}

async function later(
  deps: OnRequestDeps,
  call: Call,
  plugins: PluginsOfCall,
  hosts: readonly PluginHost[],
  at: number,
  given: Promise<unknown>,
): Promise<StageResult> {
  const since = deps.now();
  const decision = await given;
  call.waitedMs += deps.now() - since;
  if (call.settled) return 'continue';
  const result = decided(deps, call, plugins, hosts[at]!, decision);
  if (result !== 'continue' || plugins.answer !== null) return result;
  return next(deps, call, plugins, hosts, at + 1);
}

function decided(
  deps: OnRequestDeps,
  call: Call,
  plugins: PluginsOfCall,
  host: PluginHost,
  given: unknown,
): StageResult {
  const decision = read(host, 'onRequest', given, requestDecision);
  if (decision === undefined) return 'continue';
  if (decision.refuse !== undefined) return refusalOf(decision.refuse);
  try {
    apply(deps, call, decision);
  } catch (cause) {
    // A body that no client could send is no better from a plugin.
    host.misspoke('onRequest', cause);
    return 'continue';
  }
  Object.assign(plugins.metadata, decision.metadata);
  plugins.addHeaders(decision.headers);
  plugins.answer = decision.answer ?? null;
  return 'continue';
}

function apply(deps: OnRequestDeps, call: Call, { body, model }: RequestDecision): void {
  const { facts } = call;
  if (facts === null) return;
  if (body !== undefined && call.body !== null) {
    replaceBody(call, changedBody(call.body, facts, body), deps.inspect);
    const named = body['model'];
    if (facts.modelMember !== null && typeof named === 'string') call.facts!.model = named;
  }
  if (model !== undefined) call.facts!.model = model;
}

function headersOf({ head }: Call, names: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of names) {
    const value = head.headers.get(name);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
