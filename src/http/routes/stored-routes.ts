// Paths of what is kept of Responses: a response by its id, and conversations with their items.
import type { LocalAnswerName, LocalRoute, Route } from '../../contracts/route.ts';
import { createSegmentTable } from './segment-table.ts';

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

/** All of them, for tests that walk routes. */
export const storedRoutes: readonly Route[] = ROUTES;

/** Ids have a number or an underline: `responses/models` is a base URL that ends in a route. */
const ID = /^(?=.*[\d_])[\w.~-]+$/;

/** @param path without prefix, version and trailing slash. */
export const findStored = createSegmentTable(ROUTES, ID);
