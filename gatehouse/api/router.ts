// From method and path to a row of the table.
import { ApiError } from '../errors/api-error.ts';
import type { ApiRoute } from './route.ts';

/** What an id or a name may look like in a path: it goes into queries and answers as it is. */
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9._@:-]{0,127}$/;

export interface Found {
  readonly route: ApiRoute;
  readonly params: Readonly<Record<string, string>>;
}

export interface Router {
  /** @throws ApiError 404, or 405 with what the path takes. */
  find(method: string, path: string): Found;
}

interface Compiled {
  readonly route: ApiRoute;
  readonly parts: readonly string[];
}

export function createRouter(routes: readonly ApiRoute[]): Router {
  const compiled = routes.map((route): Compiled => ({ route, parts: route.path.split('/') }));
  return {
    find(method, path) {
      const parts = path.replace(/\/$/, '').split('/');
      const fitting = compiled
        .map(({ route, parts: wanted }) => ({ route, params: match(wanted, parts) }))
        .filter((one): one is Found => one.params !== null)
        // A word stands before a place for any: `/api/keys/self` is no key of that name.
        .sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length);
      const words = Object.keys(fitting[0]?.params ?? {}).length;
      const same = fitting.filter(({ params }) => Object.keys(params).length === words);
      const wanted = method === 'HEAD' ? 'GET' : method;
      const found = same.find(({ route }) => route.method === wanted);
      if (found !== undefined) return found;
      if (same.length === 0)
        throw new ApiError(404, 'route_not_found', `There is no route ${path.slice(0, 200)}.`);
      const allow = same.map(({ route }) => route.method).join(', ');
      throw new ApiError(405, 'method_not_allowed', `This route takes ${allow}.`, { headers: { allow } });
    },
  };
}

function match(wanted: readonly string[], parts: readonly string[]): Record<string, string> | null {
  if (wanted.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const given = parts[index]!;
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) {
      if (part !== given) return null;
      continue;
    }
    const text = decoded(given);
    if (text === null || !SEGMENT.test(text)) return null;
    params[name] = text;
  }
  return params;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
