// A gateway of a few stages with plugins between a fake client and fake providers: what plugins need to show themselves.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fakeCall, type FakeProvider, unlimited } from '../../tests/kit/fake-call.ts';
import { inspectBody } from '../body/inspect.ts';
import { DEFAULT_PLUGIN } from '../config/schema/defaults.ts';
import type { Flow, Stage } from '../contracts/call.ts';
import type { DialectName } from '../contracts/dialect.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';
import type { OperationName } from '../contracts/operation.ts';
import type { PluginConfig } from '../contracts/plugin-config.ts';
import type { CreateRunner, PluginView } from '../contracts/plugin-port.ts';
import { createNames } from '../dns/names.ts';
import { principalOf } from '../governance/principal.ts';
import { createRecorder } from '../observability/recorder.ts';
import { createClocks } from '../pipeline/clocks.ts';
import { quietDispatch } from '../pipeline/dispatch/dispatch.fixture.ts';
import { createPipeline } from '../pipeline/pipeline.ts';
import { createRefuser } from '../pipeline/refuse.ts';
import { createSettle } from '../pipeline/settle.ts';
import { dialectByName } from '../registry/dialects.ts';
import { planOf, tiersInOrder } from '../routing/plan-tiers.ts';
import { createPlugins } from './plugins.ts';

export interface PluginAsked {
  dialect?: DialectName;
  headers?: Record<string, string>;
  operation?: OperationName;
  key?: string;
}

export interface PluginFixture {
  /** Told of plugins, each time something changed. */
  told: (readonly PluginView[])[];
  /** Runs modules `thread: true`; absent = in process. */
  pluginThread?: CreateRunner;
  /** Stages behind those of plugins, before anybody is asked. */
  more?: readonly Stage[];
}

let files = 0;

/** A plugin of these hooks, as a file in `folder`. */
export function writePlugin(folder: string, hooks: string): string {
  const file = path.join(folder, `plugin-${files++}.js`);
  writeFileSync(file, `export default { apiVersion: 1, create(options, host) { return { ${hooks} } } };`);
  return file;
}

export function pluginOf(module: string | null, more: Partial<PluginConfig> = {}): PluginConfig {
  return {
    ...DEFAULT_PLUGIN,
    name: `plugin-${path.basename(module ?? 'remote')}`,
    mode: 'process',
    module,
    print: '',
    url: null,
    hooks: null,
    options: {},
    when: {},
    headers: [],
    ...more,
  };
}

/** @param providers that are asked, in order. */
export function pluginGateway(
  providers: () => readonly FakeProvider[],
  configs: readonly PluginConfig[],
  { told, pluginThread, more = [] }: PluginFixture = { told: [] },
) {
  const lines: string[] = [];
  const say = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const clock = { now: () => performance.now(), wall: () => Date.now() };
  const clocks = createClocks(clock);
  const log = { debug: say, info: say, warn: say, error: say };
  const settle = createSettle(clocks, [{ settled: (call) => plugins.observer.settled(call) }]);
  const refuse = createRefuser(dialectByName, settle, unlimited);
  const recorder = createRecorder();
  const plugins = createPlugins(
    {
      clock,
      log,
      names: createNames(),
      pluginThread,
      pluginsAre: (views: readonly PluginView[]) => void told.push(views),
    } as unknown as GatewayPorts, // what plugins need of them
    recorder,
    settle,
  );
  const known: Stage = (call) => {
    if (call.body !== null) call.facts ??= inspectBody(call.body);
    return 'continue';
  };
  const plan: Stage = (call) => {
    const name = call.facts?.model ?? 'm';
    call.model = name;
    call.plan = planOf(
      name,
      tiersInOrder(
        providers().map(({ target }) => ({
          ...target,
          operation: call.operation!.name,
        })),
      ),
    );
    return 'continue';
  };
  const stages = [
    known,
    plugins.stages.plugins.stage,
    plan,
    plugins.stages['plugin-route'].stage,
    ...more,
    quietDispatch(clocks, [], { settle, refuse }),
  ];
  const flow: Flow = { stages, sinks: [], filters: [] };
  const pipeline = createPipeline(() => 'continue', refuse);
  return {
    plugins,
    lines,
    ask(
      body: object,
      { dialect = 'openai-chat', headers = {}, operation = 'chat', key = 'app' }: PluginAsked = {},
    ) {
      const made = fakeCall(dialect, body, providers().slice(0, 1), headers, operation, flow, clock.now());
      const { call } = made;
      call.plan = null;
      Object.assign(call.snapshot.config, { plugins: configs });
      plugins.configure(call.snapshot.config);
      call.principal = principalOf({ name: key, team: 'support' });
      pipeline.body(call);
      return made;
    },
  };
}
