// Routes whose paths hold several names, each one segment: found by how many segments there are and what they say.
import type { Route, RouteParams } from '../../contracts/route.ts';

interface Row<R extends Route> {
  readonly route: R;
  readonly segments: readonly string[];
}

export interface Found<R extends Route> {
  readonly route: R;
  readonly params: RouteParams;
}

/**
 * @param routes by their templates behind `/v1/`, of which `{name}` holds one segment.
 * @param like what stands in a template's `{name}`; its text is taken as it is, so that it has to need no decoding.
 * @returns what a path without prefix, version and trailing slash is; null = none of them.
 */
export function createSegmentTable<R extends Route>(
  routes: readonly R[],
  like: RegExp,
): (path: string) => Found<R> | null {
  const byFirst = new Map<string, Row<R>[]>();
  for (const route of routes) {
    const segments = route.template.slice('/v1/'.length).split('/');
    byFirst.set(segments[0]!, [...(byFirst.get(segments[0]!) ?? []), { route, segments }]);
  }
  return (path) => {
    const slash = path.indexOf('/');
    const rows = byFirst.get(slash === -1 ? path : path.slice(0, slash));
    if (rows === undefined) return null;
    const parts = path.split('/');
    for (const { route, segments } of rows) {
      if (segments.length !== parts.length) continue;
      const params: Record<string, string> = {};
      let fits = true;
      for (const [at, segment] of segments.entries()) {
        const part = parts[at]!;
        if (!segment.startsWith('{')) fits &&= segment === part;
        else if (like.test(part)) params[segment.slice(1, -1)] = part;
        else fits = false;
      }
      if (fits) return { route, params };
    }
    return null;
  };
}
