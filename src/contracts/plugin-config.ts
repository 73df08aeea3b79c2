// Plugins as they are configured.
import type { GuardWhen } from './guardrail.ts';
import type { JsonObject } from './json.ts';
import type { PluginHook } from './plugin.ts';

/** `process`: in the worker itself; `thread`: in one of its own that can be ended; the others are asked over the network. */
export type PluginMode = 'process' | 'thread' | 'http' | 'grpc';

export interface PluginConfig {
  name: string;
  mode: PluginMode;
  /** Absolute path of its module; null = it is asked over the network. */
  module: string | null;
  /** Changes with the module's file. */
  print: string;
  /** Where it is asked; null = nowhere. */
  url: string | null;
  /** Of an HTTP plugin: signs requests. */
  secret?: string;
  /** PEM of the authorities that its server is trusted by; absent = the well-known ones. */
  ca?: string;
  /** Sent with each request to it. */
  requestHeaders?: Readonly<Record<string, string>>;
  /** Those that it is asked for; null = all it has. */
  hooks: readonly PluginHook[] | null;
  options: JsonObject;
  when: GuardWhen;
  /** Headers of clients that it sees, lower-case. */
  headers: readonly string[];
  timeoutMs: number;
  /** Of a hook that fails: the call is refused, or goes on without. */
  onError: 'closed' | 'open';
  /** Failures within a minute that switch it off; one that is asked over the network is tried again. */
  maxErrors: number;
  /** Heap of its thread, MB. */
  memoryMb: number;
}
