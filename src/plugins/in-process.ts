// A plugin in the worker itself: a hook costs a call of a function. One that never returns stops the worker, and the watchdog
// ends it: what is not trusted so far belongs in a thread.
import type { CreateRunner } from '../contracts/plugin-port.ts';
import { loadModule } from './load-module.ts';

export const createInProcess: CreateRunner = async (config, log) => {
  const { hooks, names } = await loadModule({ ...config, module: config.module! }, log);
  return {
    hooks: new Set(names),
    // An event has the shape of its hook: host.ts makes it.
    run: (hook, event) => (hooks[hook] as (event: unknown) => unknown).call(hooks, event),
    delta: (event) => hooks.onDelta!(event),
    close: () => hooks.close?.(),
  };
};
