// The composition root: everything a worker's gateway is made of, put together once.
//
//   ports ─► metering ─► effects ─► settle, refuse ─► stages ─► compile ─► server
import { randomUUID } from 'node:crypto';
import { inspectBody } from '../body/inspect.ts';
import { GatewayError } from '../contracts/errors.ts';
import type { Gateway } from '../contracts/gateway.ts';
import type { Machines } from '../contracts/machines.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { loadUws } from '../http/exchange/loader.ts';
import { createHttpServer } from '../http/server.ts';
import { behindReads } from '../ipc/behind-reads.ts';
import { ClassQueue } from '../lanes/class-queue.ts';
import { Backlog, type Waiting } from '../pipeline/backlog.ts';
import { createFirstChat } from '../pipeline/first-chat.ts';
import type { Flows } from '../pipeline/flows.ts';
import { createInnerCalls } from '../pipeline/inner-call.ts';
import { Overload } from '../pipeline/overload.ts';
import { createPipeline } from '../pipeline/pipeline.ts';
import { createRefuser } from '../pipeline/refuse.ts';
import { createSettle, type Settle } from '../pipeline/settle.ts';
import { createSharedAnswers } from '../pipeline/shared/shared-answers.ts';
import { createUploadSeal } from '../pipeline/upload-seal.ts';
import { authenticate } from '../pipeline/who/authenticate.ts';
import { createGuard } from '../pipeline/who/guard.ts';
import { createSignedCallers } from '../pipeline/who/signed-callers.ts';
import { createTokenCallers } from '../pipeline/who/token-callers.ts';
import { dialectByName } from '../registry/dialects.ts';
import { VERSION } from '../version.ts';
import { createBatches } from './batches.ts';
import { createCache } from './cache.ts';
import { type Compiled, createCompile } from './compile.ts';
import { createEffects } from './effects.ts';
import { createGuardrails } from './guardrails.ts';
import { containerBytes, watchLoad } from './load-watch.ts';
import { look } from './look.ts';
import { createMetering, withLimits } from './metering.ts';
import { NOBODY } from './nobody.ts';
import type { PortsAndParts } from './parts.ts';
import { withPlugins } from './plugin-health.ts';
import { createPlugins } from './plugins.ts';
import { createSealTurns } from './seal-turns.ts';
import { createSeams } from './seams.ts';
import { createStages } from './stages.ts';
import { createTraces } from './traces.ts';
import { createTurns } from './turns.ts';

export function createGateway(ports: PortsAndParts): Gateway {
  const { clock, journal, offload } = ports;
  const metering = createMetering(ports);
  const effects = createEffects(ports, metering);
  const { clocks, lanes, rests, limiter } = effects;
  const turns = createTurns(ports, effects, metering);
  const traces = createTraces(ports, metering.recorder, metering.contentOf);
  const { background } = turns;
  const settle: Settle = (call, settlement) => settleHeard(call, settlement);
  const refuse = createRefuser(dialectByName, settle, limiter);
  const waits = metering.recorder.histogram('headgate_overload_wait_seconds', [ports.worker]);
  const backlog = new Backlog({
    now: clock.now,
    run: (call) => pipeline.begin(call),
    later: setImmediate,
    waited: (ms) => waits.observe(ms / 1_000),
    queue: new ClassQueue<Waiting>(),
  });
  const overload = new Overload(containerBytes(), {
    backlog,
    threads: offload,
    refused: (priority, cause) =>
      metering.recorder.counter('headgate_overload_refusals_total', [priority, cause]).add(1),
  });
  const watch = watchLoad(clock, overload, metering.recorder, ports.worker);
  const pipeline = createPipeline(
    createGuard(
      () => clock.wall(),
      createSignedCallers(
        () => clock.wall(),
        createTokenCallers(() => clock.wall(), authenticate),
      ),
    ),
    refuse,
    overload,
    backlog,
  );
  const shared = createSharedAnswers({
    now: () => clock.now(),
    claims: (config) => ports.claims?.(config) ?? NOBODY,
    settle,
    refuse,
    shared: (how) => metering.recorder.counter('headgate_shared_answers_total', [how]).add(1),
  });
  // As long as somebody holds a configuration, so that calls find the flows of their own.
  const innerFlows = new WeakMap<Snapshot, Flows>();
  const inner = createInnerCalls({
    clock,
    flows: (snapshot) => innerFlows.get(snapshot)!,
    run: pipeline.begin,
    refuse,
  });
  const cache = createCache(ports, metering, limiter, settle, inner, shared, () => overload.eased > 1);
  const batches = createBatches(ports, settle, limiter, effects);
  const plugins = createPlugins(ports, metering.recorder, settle);
  const guardrails = createGuardrails(ports, metering.recorder, clocks, () => inner);
  const settleHeard = createSettle(clock, [
    limiter,
    metering.calls,
    metering.requestLog,
    // Behind both that note something in it.
    ...(journal === undefined ? [] : [createSealTurns(journal)]),
    guardrails.observer,
    plugins.observer,
    traces,
    ...turns.observers,
    cache.observer,
    inner,
    shared,
  ]);
  const firstChat = createFirstChat(inspectBody);
  const ticketSecret = ports.ticketSecret ?? randomUUID();
  const secret = (): string => current?.snapshot.config.server.chatSocket.ticketSecret ?? ticketSecret;
  const uploads = createUploadSeal(secret, () => ports.clock.wall());
  const compile = createCompile(
    ports,
    effects,
    metering,
    traces,
    createStages(
      ports,
      effects,
      metering,
      settle,
      refuse,
      {
        ...turns.stages,
        ...cache.stages,
        ...plugins.stages,
        guardrails: guardrails.stage,
        'first-chat': { stage: firstChat.stage },
      },
      inner,
      shared,
      () => overload.eased > 0,
      { uploads, secret },
    ),
    createSeams({
      ...cache,
      firstChat: firstChat.decorate,
      bodies: metering.bodies,
      batches: batches.sink,
    }),
  );
  let current: Compiled | null = null;
  let machines: Machines | null = null;
  const server = createHttpServer({
    uws: loadUws(),
    log: ports.log,
    clock,
    descriptors: metering.descriptors,
    connectionRefused: (how) => metering.recorder.counter('headgate_connections_refused_total', [how]).add(1),
    dialect: dialectByName,
    current: () => current!,
    pipeline,
    settle,
    refuse,
    scrape: ports.scrape,
    admin: ports.admin,
    models: effects.catalog,
    stored: turns.answers(settle, refuse),
    siblings: ports.siblings,
    machines: () => machines,
    failed: (err) => ports.log.error({ err }, 'a listener could not be opened'),
    ticketSecret,
    uploads,
    health() {
      const redis = current === null || current.snapshot.config.redis === null ? null : current.authority;
      return withPlugins(withLimits(ports.health(), redis, metering.authority.fault), plugins.views());
    },
    version: VERSION,
  });

  return {
    unrest: (provider, model) => current?.snapshot.lanes.get(provider)?.unrest(model),
    look(what) {
      if (current === null) throw new Error('the worker is not ready');
      if (what.do === 'heard') return null;
      if (what.do === 'written')
        return (
          ports
            .requestSpool?.()
            ?.flush()
            .then(() => null) ?? null
        );
      if (what.do === 'batch') return batches.follow(current.snapshot, what.watch);
      return look(what, current.snapshot, effects.catalog, limiter);
    },
    apply(config, version, shares) {
      // May fail: nothing has changed then.
      guardrails.compile(config);
      current = compile(config, version, shares);
      plugins.configure(config);
      shared.configure(config);
      cache.configure(config);
      overload.follow(config.overload, config.server.workers);
      innerFlows.set(current.snapshot, current.innerFlows);
      machines = ports.machines?.(config, (owner, wish) => server.conversation(owner, wish)) ?? null;
      server.renew();
    },
    listen() {
      return server.listen();
    },
    beginDrain: () => server.beginDrain(),
    stopListening: () => server.stopListening(),
    async drain(timeoutMs) {
      inner.endShadows(new GatewayError('GW_GATEWAY_DRAINING'));
      const timer = new Promise<'late'>((resolve) => behindReads(timeoutMs, () => resolve('late')).unref());
      const idle = Promise.all([server.idle(), background.idle(), inner.idle(), shared.idle()]);
      if ((await Promise.race([idle, timer])) !== 'late') return 0;
      const error = new GatewayError('GW_GATEWAY_DRAINING');
      const cut = background.endAll(error) + server.endAll(error) + shared.endAll(error);
      // Nobody waits for those that are left.
      inner.endAll(error);
      return cut;
    },
    shareHolder: (lane) => lanes.holder(lane),
    learnRest(rest) {
      const lane = current?.snapshot.lanes.get(rest.lane);
      if (lane !== undefined) rests.learn(lane, rest);
    },
    cached: (wanted, shared) => cache.told(wanted, shared),
    takeMetrics() {
      turns.measure();
      cache.measure();
      const uses = effects.tally.take();
      if (uses.length > 0) ports.budgets?.(uses);
      plugins.measure();
      return metering.take(current?.snapshot.lanes ?? null, server);
    },
    sought(wish, owner, ids) {
      if (wish === 'chat') return ids.map((id) => server.conversation(owner, id));
      if (wish === 'stop') return ids.map((id) => (background.stop(owner, id) ? '' : null));
      return effects.turns.asked(wish, owner, ids);
    },
    openCalls: () => server.open + background.size,
    keptBytes: () => cache.keptBytes(),
    async close() {
      metering.stop();
      watch.stop();
      limiter.close();
      clocks.close();
      effects.signals.close();
      guardrails.close();
      plugins.close();
      server.close();
      await Promise.all([lanes.close(), offload?.close(), traces.close()]);
    },
  };
}
