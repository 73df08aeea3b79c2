// From `log.callbacks` and `log.export` to who gets rows of the request log.
import type { CallbackConfig, LogExportConfig } from '../contracts/log-receivers.ts';
import type { BuildContext } from './build-context.ts';
import { DEFAULT_CALLBACK, DEFAULT_LOG_EXPORT } from './schema/defaults.ts';
import type { FileConfig } from './schema/schema.ts';

type LogSection = NonNullable<FileConfig['log']>;
type Callback = NonNullable<LogSection['callbacks']>[number];
type Context = Pick<BuildContext, 'env' | 'report' | 'secret'>;

export function buildCallbacks({ callbacks = [] }: LogSection, context: Context): CallbackConfig[] {
  const built: CallbackConfig[] = [];
  const names = new Set<string>();
  for (const [at, stated] of callbacks.entries()) {
    const path = ['log', 'callbacks', at];
    const { type } = stated;
    const name = stated.name ?? type;
    if (names.has(name)) context.report([...path, 'name'], `there is another callback of the name ${name}`);
    names.add(name);
    for (const value of Object.values(stated.headers ?? {})) context.secret(value);
    const made =
      type === 'webhook' ? webhook(stated, name, path, context) : langfuse(stated, name, path, context);
    if (made !== null) built.push(made);
  }
  return built;
}

function shared(stated: Callback, name: string, url: string) {
  const { outcomes, content, batchCalls, waitMs, maxRows, timeoutMs, patienceMs, headers = {} } = stated;
  const defaults = DEFAULT_CALLBACK;
  return {
    name,
    url: url.replace(/\/+$/, ''),
    outcomes: outcomes ?? defaults.outcomes,
    content: content ?? defaults.content,
    headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value])),
    batchCalls: batchCalls ?? defaults.batchCalls,
    waitMs: waitMs ?? defaults.waitMs,
    maxRows: maxRows ?? defaults.maxRows,
    timeoutMs: timeoutMs ?? defaults.timeoutMs,
    patienceMs: patienceMs ?? defaults.patienceMs,
  };
}

type Path = (string | number)[];

function webhook(
  stated: Callback,
  name: string,
  path: Path,
  { report, secret }: Context,
): CallbackConfig | null {
  if (stated.url === undefined) {
    report([...path, 'url'], 'a webhook needs an address');
    return null;
  }
  if (stated.secret !== undefined) secret(stated.secret);
  // Its path is its own, slash and all.
  return {
    type: 'webhook',
    ...shared(stated, name, stated.url),
    url: stated.url,
    secret: stated.secret ?? null,
  };
}

function langfuse(
  stated: Callback,
  name: string,
  path: Path,
  { env, report, secret }: Context,
): CallbackConfig | null {
  const publicKey = stated.publicKey ?? env['LANGFUSE_PUBLIC_KEY'];
  const secretKey = stated.secretKey ?? env['LANGFUSE_SECRET_KEY'];
  if (publicKey === undefined || secretKey === undefined) {
    report(
      path,
      'Langfuse needs `publicKey` and `secretKey` (or LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY)',
    );
    return null;
  }
  secret(publicKey);
  secret(secretKey);
  const url =
    stated.url ?? (env['LANGFUSE_BASE_URL'] || env['LANGFUSE_HOST'] || DEFAULT_CALLBACK.langfuseUrl);
  return { type: 'langfuse', ...shared(stated, name, url), publicKey, secretKey };
}

export function buildLogExport(
  { export: stated }: LogSection,
  { env, report, secret }: Context,
): LogExportConfig | null {
  if (stated === undefined) return null;
  const accessKeyId = stated.accessKeyId ?? env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = stated.secretAccessKey ?? env['AWS_SECRET_ACCESS_KEY'];
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    report(
      ['log', 'export'],
      'it needs `accessKeyId` and `secretAccessKey` (or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)',
    );
    return null;
  }
  secret(secretAccessKey);
  const own = stated.accessKeyId === undefined;
  const defaults = DEFAULT_LOG_EXPORT;
  const region = stated.region ?? (env['AWS_REGION'] || defaults.region);
  return {
    endpoint: (stated.endpoint ?? `https://s3.${region}.amazonaws.com`).replace(/\/+$/, ''),
    region,
    bucket: stated.bucket,
    prefix: (stated.prefix ?? defaults.prefix).replace(/^\/+|\/+$/g, ''),
    accessKeyId,
    secretAccessKey,
    // Belongs to the pair of the environment.
    sessionToken: own ? (env['AWS_SESSION_TOKEN'] ?? null) : null,
    pathStyle: stated.pathStyle ?? stated.endpoint !== undefined,
    delayMs: (stated.hourly ?? defaults.hourly) ? (stated.delayMs ?? defaults.delayMs) : null,
  };
}
