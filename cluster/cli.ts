#!/usr/bin/env node
// The command `headgate`: reads its arguments and hands over. Exit codes: 0 done, 1 the configuration or the start
// failed, 2 the command line itself was wrong.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import type { LoadedConfig } from '../src/config/load.ts';
import type { Config } from '../src/contracts/config.ts';
import type { ClientKey } from '../src/contracts/directory.ts';
import { nearest } from '../src/names/nearest.ts';
import { AdminCallError } from './command/admin-client.ts';
import { UsageError } from './command/usage.ts';
import { failureText } from './views/failure-text.ts';
import { bundled } from './crew/bundled.ts';
import { isPortFree } from './crew/port.ts';

const COMMANDS = ['start', 'check', 'doctor', 'models', 'import', 'version', 'schema', 'help'] as const;
type Command = (typeof COMMANDS)[number];
/** Words that begin no command of another file. */
const STANDALONE: readonly Command[] = ['start', 'check', 'doctor', 'import', 'version', 'schema', 'help'];

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  port: { type: 'string', short: 'p' },
  key: { type: 'string' },
  model: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  markdown: { type: 'boolean' },
} as const;

/** Options beside --help that a command takes. */
const TAKES: Record<Command, readonly string[]> = {
  start: ['config', 'port'],
  check: ['config', 'port', 'key', 'model'],
  doctor: ['config', 'port'],
  models: ['config'],
  import: [],
  schema: ['markdown'],
  version: [],
  help: [],
};

interface Choices {
  command: Command;
  /** Of `import`: the gateway, and its file. */
  from: readonly string[];
  configFile: string | undefined;
  overrides: Record<string, string>;
  markdown: boolean;
  /** Whose limits `check` shows: names of a key and a model. */
  key: string | null;
  model: string | null;
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    // A start, whose process stays, loads nothing of the other commands.
    const other = STANDALONE.some((name) => name === args[0]) ? null : await runOther(args);
    if (other !== null) return other;
    return await run(readArguments(args));
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`headgate: ${error.message}\nTry \`headgate --help\`.\n`);
      return 2;
    }
    const known = error instanceof AdminCallError;
    process.stderr.write(known ? `headgate: ${error.message}\n` : failureText(error));
    return 1;
  }
}

/** Commands that have a file of their own. @returns null when it is none of them. */
async function runOther(args: string[]): Promise<number | null> {
  if (args[0] === 'sidecar' && !/^(-h|--help)$/.test(args[1] ?? '')) {
    const { sidecarCommand } = await import('./sidecar/sidecar-command.ts');
    return beside(sidecarCommand(args.slice(1), process.env));
  }
  const { EDGE_COMMANDS } = await import('./edge/command.ts');
  // What is behind their program is not ours to read, `--help` included.
  if (EDGE_COMMANDS.some((name) => name === args[0]) && !/^(-h|--help)$/.test(args[1] ?? ''))
    return runBeside(args);
  if (args.some((arg) => /^(-h|--help)$/.test(arg))) return null;
  const { ADMIN_COMMANDS } = await import('./command/admin-command.ts');
  const { isResourceCommand } = await import('./command/admin-resources.ts');
  const { LOG_COMMANDS } = await import('./command/log-command.ts');
  if (ADMIN_COMMANDS.some((name) => name === args[0])) return administer(args);
  if (args[0] === 'audit') return audit(args);
  if (isResourceCommand(args)) return manage(args);
  if (args[0] === 'cache') return calibrateCache(args.slice(1));
  if (args[0] === 'plugin') return plugin(args.slice(1));
  if (LOG_COMMANDS.some((name) => name === args[0])) return lookAtCalls(args);
  return null;
}

async function manage(args: readonly string[]): Promise<number> {
  const { readResourceCommand, runResourceCommand } = await import('./command/admin-resources.ts');
  const { text, code } = await runResourceCommand(readResourceCommand(args), process.env);
  process.stdout.write(`${text}\n`);
  return code;
}

/** Loaded only for it, as few call it twice. */
async function calibrateCache(args: readonly string[]): Promise<number> {
  const { readCalibrate, runCalibrate } = await import('./command/calibrate-command.ts');
  try {
    process.stdout.write(`${await runCalibrate(readCalibrate(args, process.env))}\n`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    process.stderr.write(`headgate: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** Loaded only for it. */
async function plugin(args: readonly string[]): Promise<number> {
  const { runPluginCommand } = await import('./command/plugin-command.ts');
  try {
    process.stdout.write(runPluginCommand(args, process.cwd()));
    return 0;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    process.stderr.write(`headgate: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

/** What the gatehouse of a gateway that runs knows of calls. */
async function lookAtCalls(args: string[]): Promise<number> {
  // `| head` has seen enough.
  process.stdout.on('error', () => process.exit(0));
  const { readLogCommand, runLogCommand } = await import('./command/log-command.ts');
  const command = readLogCommand(args);
  if (command.what === 'top' && !command.json && process.stdout.isTTY) takeScreen();
  return runLogCommand(
    command,
    process.env,
    (text) => void process.stdout.write(text),
    (reason) => void process.stderr.write(`headgate: ${reason}; asking again\n`),
  );
}

/** A screen of its own, and the one before given back: what was on the terminal is still there afterwards. */
function takeScreen(): void {
  process.stdout.write('\u001b[?1049h\u001b[?25l');
  process.on('exit', () => void process.stdout.write('\u001b[?25h\u001b[?1049l'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
}

async function audit(args: string[]): Promise<number> {
  // `| head` has seen enough.
  process.stdout.on('error', () => process.exit(0));
  const { readAuditCommand, runAuditCommand } = await import('./command/audit-command.ts');
  return runAuditCommand(readAuditCommand(args), process.env, (text) => void process.stdout.write(text));
}

/** What goes through the admin API of a gateway that runs. */
async function administer(args: string[]): Promise<number> {
  const { readAdminCommand, runAdminCommand } = await import('./command/admin-command.ts');
  const { text, code, note } = await runAdminCommand(readAdminCommand(args), process.env);
  process.stdout.write(`${text}\n`);
  if (note !== '') process.stderr.write(`headgate: ${note}\n`);
  return code;
}

/** Programs that run through a gateway. */
async function runBeside(args: string[]): Promise<number> {
  const { runEdgeCommand } = await import('./edge/command.ts');
  return beside(runEdgeCommand(args, process.env, version()));
}

async function beside(running: Promise<number>): Promise<number> {
  const { EdgeUsageError } = await import('./edge/setup/usage.ts');
  try {
    return await running;
  } catch (error) {
    if (error instanceof EdgeUsageError) throw new UsageError(error.message);
    throw error;
  }
}

async function run({ command, from, configFile, overrides, markdown, key, model }: Choices): Promise<number> {
  const load = async (): Promise<LoadedConfig> => {
    const { loadConfig } = await import('../src/config/load.ts');
    const { managedReferences } = await import('../src/config/managed-references.ts');
    const { createManagedSecrets } = await import('../src/services/secrets/managed-secrets.ts');
    const { createSecretSources } = await import('../src/services/secrets/secret-sources.ts');
    const place = { env: { ...process.env, ...overrides }, cwd: process.cwd(), file: configFile };
    const secrets = createManagedSecrets(
      createSecretSources({ env: place.env, wall: () => Date.now() }),
      () => {},
    );
    await secrets.want(managedReferences(place));
    return loadConfig({ ...place, managed: secrets.values });
  };
  switch (command) {
    case 'help':
      process.stdout.write((await import('./command/help.ts')).HELP);
      return 0;
    case 'version':
      process.stdout.write(`headgate ${version()}\n`);
      return 0;
    case 'schema': {
      const { referenceText, schemaText } = await import('../src/config/reference.ts');
      process.stdout.write(markdown ? `${referenceText()}\n` : schemaText());
      return 0;
    }
    case 'check': {
      const { config, keys, notes } = await load();
      const { describeConfig } = await import('../src/config/describe.ts');
      const { host, port: wanted } = config.server;
      const free = await isPortFree(host, wanted);
      const asked = key === null && model === null ? [] : ['', ...(await limitsOf(config, keys, key, model))];
      const seen = free
        ? notes
        : [...notes, `port ${wanted} is in use now; if not by this gateway, a start fails`];
      const noted = seen.map((note) => `note: ${note}\n`).join('');
      process.stdout.write(
        `${[describeConfig(config, keys), ...asked].join('\n')}\n\n${noted}The configuration is valid.\n`,
      );
      return 0;
    }
    case 'doctor': {
      const { examine, report } = await import('./views/doctor.ts');
      const { text, failed } = report(await examine(await load()));
      process.stdout.write(`${text}\n`);
      return failed ? 1 : 0;
    }
    case 'models': {
      const { listModels } = await import('../src/config/describe.ts');
      const rows = listModels((await load()).config);
      const width = Math.max(...rows.map(([name]) => name.length));
      for (const [name, targets] of rows) process.stdout.write(`${name.padEnd(width)}  →  ${targets}\n`);
      return 0;
    }
    case 'import':
      return printImport(from);
    case 'start': {
      // Loaded only here: the other commands need no cluster, no sockets and no native module.
      const { startCommand } = await loadStart();
      return startCommand({ ...(configFile === undefined ? {} : { configFile }), overrides });
    }
  }
}

/** From the bundle, where one was built. */
async function loadStart(): Promise<typeof import('./primary/start-command.ts')> {
  const bundle = bundled('primary');
  if (bundle === null) return import('./primary/start-command.ts');
  // Read by msgpackr as it is loaded, and by what is forked: there it would load its native half, which modules do without.
  process.env['MSGPACKR_NATIVE_ACCELERATION_DISABLED'] ??= 'true';
  return createRequire(import.meta.url)(bundle) as typeof import('./primary/start-command.ts'); // scripts/small-bundle.ts makes it of that
}

/** Loaded only for it, as few call it twice. */
async function printImport([gateway, file]: readonly string[]): Promise<number> {
  const { IMPORTED, importConfig } = await import('../src/config/import/run.ts');
  if (gateway === undefined || file === undefined)
    throw new UsageError(`\`import\` needs a gateway (${IMPORTED.join(', ')}) and its file`);
  if (!IMPORTED.includes(gateway)) throw new UsageError(unknown('gateway', gateway, IMPORTED));
  const { text: yaml, report } = importConfig(gateway, file, process.cwd(), Date.now());
  process.stdout.write(yaml);
  process.stderr.write(report.map((line) => `note: ${line}\n`).join(''));
  return 0;
}

/** What `check --key --model` adds. Loaded only for it: it needs every dialect, and a start waits for none. */
async function limitsOf(
  config: Config,
  keys: readonly ClientKey[],
  key: string | null,
  model: string | null,
): Promise<string[]> {
  const { describeLimits, UnknownName } = await import('./command/check-limits.ts');
  try {
    return describeLimits(config, keys, key, model);
  } catch (error) {
    if (error instanceof UnknownName) throw new UsageError(error.message);
    throw error;
  }
}

function readArguments(args: string[]): Choices {
  const { values, positionals, tokens } = parseArgs({
    args,
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (!Object.hasOwn(OPTIONS, token.name))
      throw new UsageError(unknown('option', token.rawName, optionNames()));
    const wanted = OPTIONS[token.name as keyof typeof OPTIONS].type;
    if (wanted === 'boolean' && token.value !== undefined)
      throw new UsageError(`${token.rawName} takes no value`);
    if (wanted === 'string' && !token.value) throw new UsageError(`${token.rawName} needs a value`);
  }
  const choices = {
    from: positionals.slice(1),
    configFile: text(values['config']),
    overrides: {},
    markdown: values['markdown'] === true,
    key: text(values['key']) ?? null,
    model: text(values['model']) ?? null,
  };
  if (values['help'] === true) return { ...choices, command: 'help' };
  if (values['version'] === true) return { ...choices, command: 'version' };

  const [word, extra] = positionals;
  if (word === undefined) throw new UsageError(`a command is needed: ${COMMANDS.join(', ')}`);
  const command = COMMANDS.find((name) => name === word);
  if (command === undefined) throw new UsageError(unknown('command', word, COMMANDS));
  if (command === 'import' ? positionals.length > 3 : extra !== undefined)
    throw new UsageError(`one command at a time; \`${word}\` takes no further words`);
  for (const name of Object.keys(values)) {
    if (!TAKES[command].includes(name)) throw new UsageError(`\`${command}\` takes no --${name}`);
  }
  const port = text(values['port']);
  if (port === undefined) return { ...choices, command };
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    throw new UsageError('--port needs a number from 0 to 65535');
  return { ...choices, command, overrides: { HEADGATE_PORT: port } };
}

function unknown(what: string, name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return `unknown ${what} \`${name}\`${near === null ? '' : `; did you mean \`${near}\`?`}`;
}

function optionNames(): string[] {
  return Object.keys(OPTIONS).map((name) => `--${name}`);
}

function text(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Of package.json, which lies beside cluster/ in the repository and above dist/ in the package. */
function version(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const { name, version: found } = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'));
      if (name === 'headgate') return String(found);
    } catch {
      // Not there: the other place.
    }
  }
  return 'unknown';
}
