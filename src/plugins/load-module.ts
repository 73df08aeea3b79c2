// A plugin's module, loaded. Node reads TypeScript by taking the types out; a file that changed is another module.
import { pathToFileURL } from 'node:url';
import {
  type Plugin,
  PLUGIN_API_VERSION,
  type PluginHook,
  type PluginHooks,
  PLUGIN_HOOKS,
} from '../contracts/plugin.ts';
import type { JsonObject } from '../contracts/json.ts';

export interface LoadedModule {
  hooks: PluginHooks;
  names: PluginHook[];
}

/** @param print changes with the file. Rejects with what is wrong with it, for people. */
export async function loadModule(
  { module, print, name, options }: { module: string; print: string; name: string; options: JsonObject },
  log: (message: string) => void,
): Promise<LoadedModule> {
  const url = pathToFileURL(module);
  url.searchParams.set('print', print);
  const loaded: unknown = await import(url.href);
  const plugin = pluginOf(loaded);
  const hooks = await plugin.create(structuredClone(options), { name, log });
  if (typeof hooks !== 'object' || hooks === null) throw new Error('`create` gives no hooks');
  const names = PLUGIN_HOOKS.filter((hook) => typeof hooks[hook] === 'function');
  if (names.length === 0) throw new Error(`it has none of the hooks ${PLUGIN_HOOKS.join(', ')}`);
  return { hooks, names };
}

function pluginOf(loaded: unknown): Plugin {
  const plugin = (loaded as { default?: unknown }).default as Partial<Plugin> | undefined; // looked at below
  if (typeof plugin !== 'object' || plugin === null || typeof plugin.create !== 'function')
    throw new Error('its default export is no plugin: `export default definePlugin({ … })`');
  if (plugin.apiVersion !== PLUGIN_API_VERSION)
    throw new Error(
      `it is written for version ${String(plugin.apiVersion)} of the hooks, and this gateway has ${PLUGIN_API_VERSION}`,
    );
  return plugin as Plugin;
}
