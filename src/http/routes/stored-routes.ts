// Paths of what is kept of Responses: a response by its id, and conversations with their items.
import type { LocalAnswerName, LocalRoute, Route, RouteParams } from '../../contracts/route.ts';

/** Shape of a path behind its version. `{name}` holds one segment. */
const route = (answer: LocalAnswerName, template: string, methods: readonly string[]): LocalRoute => ({
  kind: 'local',
  answer,
  dialect: 'openai-responses',
  template: `/v1/${template}`,
  methods,
  open: false,
  takesBody: methods.includes('POST'),
});

const ROUTES: readonly LocalRoute[] = [
  route('response', 'responses/{id}', ['GET', 'HEAD', 'DELETE']),
  route('response-cancel', 'responses/{id}/cancel', ['POST']),
  route('response-items', 'responses/{id}/input_items', ['GET', 'HEAD']),
  route('conversations', 'conversations', ['POST']),
  route('conversation', 'conversations/{id}', ['GET', 'HEAD', 'POST', 'DELETE']),
  route('conversation-items', 'conversations/{id}/items', ['GET', 'HEAD', 'POST']),
  route('conversation-item', 'conversations/{id}/items/{item}', ['GET', 'HEAD', 'DELETE']),
];

const TABLE = ROUTES.map((found) => ({
  route: found,
  segments: found.template.slice('/v1/'.length).split('/'),
}));

/** All of them, for tests that walk routes. */
export const storedRoutes: readonly Route[] = ROUTES;

/** @param path without prefix, version and trailing slash. */
export function findStored(path: string): { route: Route; params: RouteParams } | null {
  if (!path.startsWith('responses/') && !path.startsWith('conversations')) return null;
  const parts = path.split('/');
  for (const { route: found, segments } of TABLE) {
    if (segments.length !== parts.length) continue;
    const params: Record<string, string> = {};
    let fits = true;
    for (const [at, segment] of segments.entries()) {
      const part = parts[at]!;
      if (!segment.startsWith('{')) fits &&= segment === part;
      // Ids have a number or an underline: `responses/models` is a base URL that ends in a route.
      else if (/^(?=.*[\d_])[\w.~-]+$/.test(part)) params[segment.slice(1, -1)] = part;
      else fits = false;
    }
    if (fits) return { route: found, params };
  }
  return null;
}
