// From `operations` to the routes of the operator's own. Each is compiled once here, so that what is wrong is told before it is in force.
import type { Config } from '../contracts/config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { JobConfig } from '../contracts/job.ts';
import { compileParts } from '../jobs/job.ts';
import { isObject } from '../dialects/read.ts';
import type { BuildContext } from './build-context.ts';
import { methodFault } from './job-method.ts';
import type { FileConfig } from './schema/schema.ts';

type Entry = NonNullable<FileConfig['operations']>[string];
type Path = Parameters<BuildContext['report']>[0];

/** What begins so is the gateway's. */
const RESERVED = /^\/(v\d|api|ui|docs|passthrough|livez|readyz|health|metrics)(\/|$|[a-z])/;

export function buildOperations(
  { operations }: FileConfig,
  providers: readonly ProviderConfig[],
  context: BuildContext,
): Pick<Config, 'operations'> {
  if (operations === undefined) return {};
  const places = new Set<string>();
  const built: JobConfig[] = [];
  for (const [name, entry] of Object.entries(operations)) {
    const at: Path = ['operations', name];
    const job = jobOf(name, entry, at, context);
    if (job === null) continue;
    if (job.method === true) checkMethod(job, providers, at, context);
    if (places.has(job.path)) context.report([...at, 'path'], `two operations are served at ${job.path}`);
    else if (RESERVED.test(job.path))
      context.report([...at, 'path'], 'paths that begin so are the gateway’s own');
    places.add(job.path);
    try {
      compileParts(job);
    } catch (cause) {
      context.report(at, cause instanceof Error ? cause.message : String(cause));
    }
    built.push(job);
  }
  return { operations: built };
}

function jobOf(name: string, entry: Entry, at: Path, context: BuildContext): JobConfig | null {
  const { path, model = entry.method, dialect = 'openai-chat', input, normalise, request, answer } = entry;
  if (model === undefined || (entry.method !== undefined && entry.model !== undefined)) {
    context.report(at, 'state `model` or `method`, one of both');
    return null;
  }
  if (entry.method !== undefined && dialect !== 'openai-chat')
    context.report(
      [...at, 'dialect'],
      'a method is called in no dialect but `openai-chat`, which errors are told in',
    );
  let sound = true;
  const object = (value: unknown, ...where: string[]): boolean => {
    if (isObject(value)) return true;
    context.report([...at, ...where], 'must be a mapping');
    sound = false;
    return false;
  };
  object(request, 'request');
  if (input !== undefined) object(input, 'input');
  if (answer?.schema !== undefined) object(answer.schema, 'answer', 'schema');
  if (!sound) return null;
  return {
    name,
    path: path ?? `/jobs/${name}`,
    model,
    ...(entry.method !== undefined && { method: true }),
    dialect,
    input: (input as JobConfig['input'] | undefined) ?? null,
    normalise: {
      text: normalise?.text ?? true,
      defaults: normalise?.defaults ?? true,
      coerce: normalise?.coerce ?? false,
      dropUnknown: normalise?.dropUnknown ?? false,
    },
    request: request as JobConfig['request'], // checked above
    from: answer?.from ?? (answer?.schema === undefined && entry.method === undefined ? 'text' : 'json'),
    schema: (answer?.schema as JobConfig['schema'] | undefined) ?? null,
    body: (answer?.body as JobConfig['body'] | undefined) ?? null,
  };
}

/** An alias may be anything: what it stands for says so when it is called. */
function checkMethod(
  { model, request }: JobConfig,
  providers: readonly ProviderConfig[],
  at: Path,
  context: BuildContext,
): void {
  const slash = model.indexOf('/');
  const provider = providers.find(({ name }) => name === model.slice(0, slash));
  if (slash < 0 || !context.sound(['providers', model.slice(0, slash)])) return;
  const fault = methodFault(provider, model.slice(slash + 1), request);
  if (fault !== null) context.report([...at, fault.member], fault.message);
}
