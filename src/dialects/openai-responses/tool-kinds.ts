// Tools that are no functions by themselves, as functions (wire.md 7.4): OpenAI's shells and its patch tool have a fixed
// schema, tools of a namespace get its name before theirs. The same on the way back.
import { stringifyJson } from '../../body/lossless.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { objectAt, parseObject, stringAt } from '../lenient.ts';

/** A tool that the client runs and OpenAI described. */
export type BuiltIn = 'local_shell' | 'shell' | 'apply_patch';

interface Definition {
  readonly description: string;
  readonly schema: JsonObject;
}

const text = (description: string): JsonObject => ({ type: 'string', description });
const count = (description: string): JsonObject => ({ type: 'integer', description });
const texts = (description: string): JsonObject => ({
  type: 'array',
  items: { type: 'string' },
  description,
});

export const BUILT_INS: Readonly<Record<BuiltIn, Definition>> = {
  local_shell: {
    description: "Runs a command on the user's machine and returns its output.",
    schema: {
      type: 'object',
      properties: {
        command: texts('The program and its arguments, one item each.'),
        timeout_ms: count('Milliseconds after which the command is stopped.'),
        working_directory: text('Directory to run it in.'),
        env: {
          type: 'object',
          additionalProperties: { type: 'string' },
          description: 'Environment variables.',
        },
        user: text('User to run it as.'),
      },
      required: ['command'],
    },
  },
  shell: {
    description: 'Runs shell commands and returns what each wrote and how it ended.',
    schema: {
      type: 'object',
      properties: {
        commands: texts('Shell commands, run one after another.'),
        timeout_ms: count('Milliseconds after which a command is stopped.'),
        max_output_length: count('Most characters of output to return for each command.'),
      },
      required: ['commands'],
    },
  },
  apply_patch: {
    description: 'Creates, changes or deletes one file by a patch.',
    schema: {
      type: 'object',
      properties: {
        type: { type: 'string', enum: ['create_file', 'update_file', 'delete_file'] },
        path: text('Path of the file.'),
        diff: text('V4A diff: the whole new file, or the changes; not for delete_file.'),
      },
      required: ['type', 'path'],
    },
  },
};

/** The kind of a tool definition or of an item that calls one (`shell_call`); null when it is none. */
export function builtInOf(type: string): BuiltIn | null {
  const name = type.endsWith('_call') ? type.slice(0, -'_call'.length) : type;
  return Object.hasOwn(BUILT_INS, name) ? (name as BuiltIn) : null;
}

/** Where a call keeps what its arguments are. */
const MEMBER: Readonly<Record<BuiltIn, 'action' | 'operation'>> = {
  local_shell: 'action',
  shell: 'action',
  apply_patch: 'operation',
};

/** The arguments of an item that calls a built-in tool. */
export function builtInArguments(kind: BuiltIn, item: JsonObject): string {
  const object = objectAt(item, MEMBER[kind]) ?? {};
  if (kind !== 'local_shell') return stringifyJson(object);
  const { type: _, ...args } = object;
  return stringifyJson(args);
}

/** The members of such an item that say what its arguments do; what the model left out is filled in as the types want it. */
export function builtInAction(kind: BuiltIn, args: string): JsonObject {
  const given = parseObject(args) ?? {};
  if (kind === 'local_shell') {
    const action = { type: 'exec', command: listOf(given['command']), env: objectAt(given, 'env') ?? {} };
    return { action: { ...given, ...action } };
  }
  if (kind === 'shell') return { action: { ...given, commands: listOf(given['commands']) } };
  const type = stringAt(given, 'type') ?? 'update_file';
  const path = stringAt(given, 'path') ?? '';
  const diff = stringAt(given, 'diff') ?? '';
  return { operation: type === 'delete_file' ? { type, path } : { type, path, diff } };
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** Between a namespace's name and a tool's in it. */
export function namespaced(namespace: string, name: string): string {
  return `${namespace}__${name}`;
}
