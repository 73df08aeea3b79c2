// Guardrails of the file as one list: those of aliases, keys and groups get the `when` that their place says.
import type { Config } from '../contracts/config.ts';
import type { CheckConfig, CheckType, GuardrailConfig, GuardWhen } from '../contracts/guardrail.ts';
import { PII_ENTITIES } from '../contracts/guardrail.ts';
import type { BuildContext } from './build-context.ts';
import { checkOperations } from './operation-names.ts';
import { DEFAULT_GUARDRAIL } from './schema/defaults.ts';
import type { Path } from './path.ts';
import type { FileConfig } from './schema/schema.ts';

type Stated = NonNullable<FileConfig['guardrails']>[number];

/** What each type of check reads beside `type`; those with `!` it cannot do without. */
const MEMBERS: Readonly<Record<CheckType, readonly string[]>> = {
  keywords: ['words!', 'caseSensitive', 'wholeWords'],
  regex: ['patterns!', 'maxLength'],
  secrets: ['entropy', 'reversible'],
  pii: ['entities', 'reversible'],
  injection: ['threshold'],
  schema: ['schema'],
  length: ['minChars', 'maxChars'],
  language: ['allow', 'deny'],
  topic: ['allow', 'deny'],
  tools: ['allow', 'deny'],
  moderation: ['model!', 'categories', 'threshold'],
  judge: ['model!', 'policy!'],
  webhook: ['url!', 'shape', 'headers', 'key', 'secret'],
  presidio: ['url!', 'entities', 'threshold', 'language', 'reversible', 'headers', 'key'],
  bedrock: ['id!', 'region!', 'version', 'key!', 'url', 'headers'],
  azure: ['url!', 'key!', 'categories', 'threshold', 'shield', 'headers'],
  model_armor: ['id!', 'region!', 'project!', 'key!', 'url', 'headers'],
  lakera: ['key!', 'project', 'url', 'headers'],
};
/** Checks that can say where in a text what they look for stands. */
const LOCATING: ReadonlySet<CheckType> = new Set([
  'keywords',
  'regex',
  'secrets',
  'pii',
  'presidio',
  'lakera',
  'webhook',
  'bedrock',
  'model_armor',
]);
/** What RE2 cannot do in linear time, and so does not take. */
const NOT_LINEAR = /\(\?<?[=!]|\\[1-9]|\\k</;

export function buildGuardrails(
  stated: FileConfig,
  file: FileConfig,
  context: BuildContext,
): Pick<Config, 'guardrails' | 'guardrailSecret'> {
  const all: GuardrailConfig[] = [];
  const names = new Map<string, Path>();
  const take = (entries: readonly Stated[] | null | undefined, path: Path, place: GuardWhen): void => {
    for (const [index, entry] of (entries ?? []).entries()) {
      const at = [...path, index];
      if (!context.sound(at)) continue;
      if (names.has(entry.name))
        context.report([...at, 'name'], `two guardrails are called \`${entry.name}\``);
      names.set(entry.name, at);
      all.push(buildOne(entry, at, place, context));
    }
  };
  take(stated.guardrails, ['guardrails'], {});
  for (const [name, alias] of Object.entries(stated.models ?? {}))
    take(alias?.guardrails, ['models', name, 'guardrails'], { models: [name] });
  for (const [index, key] of (file.auth?.keys ?? []).entries()) {
    if (typeof key === 'string') continue;
    take(key.guardrails, ['auth', 'keys', index, 'guardrails'], { keys: [key.name ?? `key-${index + 1}`] });
  }
  for (const section of ['organizations', 'teams', 'users', 'projects'] as const)
    for (const [name, group] of Object.entries(file[section] ?? {}))
      take(group?.guardrails, [section, name, 'guardrails'], { [section]: [name] });
  const secret = file.guardrailSecret;
  if (secret !== undefined) context.secret(secret);
  if (all.length === 0) return {};
  return { guardrails: all, ...(secret === undefined ? {} : { guardrailSecret: secret }) };
}

function buildOne(entry: Stated, path: Path, place: GuardWhen, context: BuildContext): GuardrailConfig {
  const { name, on, when, checks, message, ...stated } = entry;
  const action = stated.action ?? DEFAULT_GUARDRAIL.action;
  const operations = (when?.operations ?? []) as GuardWhen['operations'];
  checkOperations(when?.operations, [...path, 'when', 'operations'], context);
  for (const [index, check] of checks.entries())
    checkOne(check as CheckConfig, action, [...path, 'checks', index], context);
  for (const check of checks)
    for (const value of [check.key, check.secret, ...Object.values(check.headers ?? {})])
      if (value !== undefined) context.secret(value);
  if (action === 'retry' && on !== undefined && !on.includes('output'))
    context.report([...path, 'action'], '`retry` is for answers: `on` must have `output`');
  return {
    ...DEFAULT_GUARDRAIL,
    ...stated,
    name,
    on: on ?? defaultPlaces(checks as CheckConfig[], action),
    when: {
      ...(when as GuardWhen | undefined),
      ...(operations !== undefined && operations.length > 0 ? { operations } : {}),
      ...place,
    },
    checks: checks as CheckConfig[],
    ...(message === undefined ? {} : { message }),
  };
}

function defaultPlaces(checks: readonly CheckConfig[], action: string): GuardrailConfig['on'] {
  if (action === 'retry' || checks.every(({ type }) => type === 'schema')) return ['output'];
  if (checks.every(({ type }) => type === 'tools')) return ['tool_call'];
  if (checks.every(({ type }) => type === 'injection')) return ['input'];
  return ['input', 'output'];
}

function checkOne(check: CheckConfig, action: string, path: Path, context: BuildContext): void {
  const { type } = check;
  const members = MEMBERS[type];
  const known = members.map((member) => member.replace('!', ''));
  for (const member of Object.keys(check)) {
    if (member === 'type' || known.includes(member)) continue;
    context.report(
      [...path, member],
      `says nothing of a check of type \`${type}\` (it reads ${known.join(', ')})`,
    );
  }
  for (const member of members) {
    const needed = member.slice(0, -1);
    if (member.endsWith('!') && !Object.hasOwn(check, needed))
      context.report(path, `a check of type \`${type}\` needs \`${needed}\``);
  }
  if (action === 'redact' && !LOCATING.has(type))
    context.report(
      [...path, 'type'],
      `\`${type}\` does not say where what it finds stands: it cannot redact`,
    );
  if (type === 'pii')
    for (const [index, entity] of (check.entities ?? []).entries())
      if (!(PII_ENTITIES as readonly string[]).includes(entity))
        context.report([...path, 'entities', index], `one of ${PII_ENTITIES.join(', ')} is expected`);
  if (type === 'length' && check.minChars === undefined && check.maxChars === undefined)
    context.report(path, 'state `minChars` or `maxChars`');
  if ((type === 'language' || type === 'topic' || type === 'tools') && !check.allow && !check.deny)
    context.report(path, 'state `allow` or `deny`');
  for (const [index, pattern] of (check.patterns ?? []).entries()) {
    const fault = patternFault(pattern);
    if (fault !== null) context.report([...path, 'patterns', index], fault);
  }
}

function patternFault(pattern: string): string | null {
  if (NOT_LINEAR.test(pattern)) return 'look-around and back-references are not possible in linear time';
  try {
    // RE2 takes flags in front, which JavaScript does not know there.
    new RegExp(pattern.replace(/^\(\?[imsU]+\)/, ''), 'u');
    return null;
  } catch {
    return 'this is no regular expression';
  }
}
