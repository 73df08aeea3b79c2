// Runs in a piscina thread of one plugin: loads its module once, then runs its hooks. What it throws goes back as it is.
import { parentPort } from 'node:worker_threads';
import type { PluginHook } from '../../src/contracts/plugin.ts';
import { type LoadedModule, loadModule } from '../../src/plugins/load-module.ts';

export type PluginTask =
  | { op: 'load'; config: Parameters<typeof loadModule>[0] }
  | { op: 'run'; config: Parameters<typeof loadModule>[0]; hook: PluginHook; event: unknown };

let loaded: Promise<LoadedModule> | null = null;

/** A thread that took the place of another loads it with its first task. */
export default async function run(task: PluginTask): Promise<unknown> {
  loaded ??= loadModule(task.config, (message) => parentPort?.postMessage({ pluginLog: message }));
  const { hooks, names } = await loaded;
  if (task.op === 'load') return names;
  // An event has the shape of its hook: plugins/host.ts makes it.
  const hook = hooks[task.hook] as ((event: unknown) => unknown) | undefined;
  return hook?.call(hooks, task.event);
}

// A plugin that leaves something running must not keep a thread that is to end.
parentPort?.unref();
