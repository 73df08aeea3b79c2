// The configuration, read by a process of its own that ends with it: what reads it (YAML, the schema, 95 files of rules) is 8 MB that a gateway
// beside one program has no use for until the file changes. Where it has to be read again and again (a store, managers of secrets) it is
// read here after all.
import { fork } from 'node:child_process';
import path from 'node:path';
import { ConfigError } from '../../src/config/problem.ts';
import type { ConfigSource } from './config-origin.ts';
import type { ReadConfig } from './config-reader.ts';

/** @param entry of the process that reads (config-reader.ts). @param near makes the source that reads here. */
export function createDistantConfig(entry: string, near: () => Promise<ConfigSource>): ConfigSource {
  let files: readonly string[] = [];
  let here: ConfigSource | null = null;
  let coming: Promise<ConfigSource> | null = null;
  let follow: (() => void) | null = null;
  /** From now on it is read in this process. */
  let stay = false;

  function nearby(): Promise<ConfigSource> {
    coming ??= near().then((source) => {
      here = source;
      if (follow !== null) source.follow(follow);
      return source;
    });
    return coming;
  }

  return {
    async load(file) {
      if (stay) return (await nearby()).load(file);
      const read = await readElsewhere(entry, file);
      files = read.files;
      if (!('loaded' in read)) throw new ConfigError(read.problems, read.details);
      if (!read.asks) return read.loaded;
      stay = true;
      return (await nearby()).load(file);
    },
    manage(store) {
      stay = true;
      void nearby().then((source) => source.manage(store));
    },
    check: async (file, overlay) => (await nearby()).check(file, overlay),
    get files() {
      return here?.files ?? files;
    },
    get asks() {
      return here?.asks ?? false;
    },
    follow(changed) {
      follow = changed;
      here?.follow(changed);
    },
  };
}

/** Rejects when the process ends without a word. */
function readElsewhere(entry: string, file: string | undefined): Promise<ReadConfig> {
  return new Promise((resolve, reject) => {
    const reader = fork(entry, file === undefined ? [] : [path.resolve(file)], {
      serialization: 'advanced',
      execArgv: ['--disable-warning=ExperimentalWarning', '--disable-proto=throw'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    reader.once('message', (read) => resolve(read as ReadConfig)); // its only message (config-reader.ts)
    reader.once('error', reject);
    reader.once('exit', (code, signal) =>
      reject(new Error(`the configuration could not be read: ${signal ?? `exit code ${code}`}`)),
    );
  });
}
