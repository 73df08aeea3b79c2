// What of a request the answer has to know again: the members it repeats, and which of the client's tools were no functions
// of that name.
import type { AnswerContext } from '../../contracts/dialect.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { arrayAt, objectAt, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { type Echo, echoOf, PLAIN_ECHO } from './echo.ts';
import { type BuiltIn, builtInOf, namespaced } from './tool-kinds.ts';

/** As `remember` made it. */
export interface Remembered {
  /** Members of the response. */
  readonly echo: Echo;
  /** Name of a function as its model knows it -> its namespace and name there. */
  readonly namespaces: Readonly<Record<string, readonly [namespace: string, name: string]>>;
  /** Names of functions that stand for built-in tools. */
  readonly builtIns: readonly BuiltIn[];
}

const NOTHING: Remembered = { echo: PLAIN_ECHO, namespaces: {}, builtIns: [] };

/** Reads a request of this dialect, whatever is wrong with it. */
export function remember(request: JsonObject): JsonObject {
  const namespaces: Record<string, [string, string]> = {};
  const builtIns: BuiltIn[] = [];
  for (const tool of arrayAt(request, 'tools')) {
    if (!isObject(tool)) continue;
    const type = stringAt(tool, 'type') ?? '';
    const builtIn = builtInOf(type);
    if (builtIn !== null) builtIns.push(builtIn);
    else if (type === 'namespace') rememberNamespace(tool, namespaces);
  }
  return { echo: echoOf(request), namespaces, builtIns };
}

function rememberNamespace(tool: JsonObject, namespaces: Record<string, [string, string]>): void {
  const namespace = stringAt(tool, 'name') ?? '';
  for (const inner of arrayAt(tool, 'tools')) {
    const name = isObject(inner) ? (stringAt(inner, 'name') ?? '') : '';
    namespaces[namespaced(namespace, name)] = [namespace, name];
  }
}

/** What the context of an answer remembers. */
export function rememberedIn({ remembered }: Pick<AnswerContext, 'remembered'>): Remembered {
  const object = objectAt({ remembered: remembered as Json }, 'remembered');
  // Only `remember` above makes them.
  return object === null ? NOTHING : (object as unknown as Remembered);
}
