// Paths of objects that a provider keeps and that have others below them: `{id}` says whose all of it is.
import type { Operation } from '../../contracts/operation.ts';
import type { ModelRoute } from '../../contracts/route.ts';
import { operations } from '../../registry/operations.ts';
import { createSegmentTable } from './segment-table.ts';

const {
  'stored-chat': storedChat,
  'vector-store': vectorStore,
  'file-content': fileContent,
  'model-object': modelObject,
  container,
  upload,
} = operations;

const route = (operation: Operation, path: string, ...methods: readonly string[]): ModelRoute => ({
  kind: 'model',
  operation,
  dialect: 'openai-chat',
  template: `/v1/${path}`,
  methods,
  open: false,
  stream: null,
  forward: `/${path}`,
});

/** Beside what else is asked at the same path, with another method. */
export const STORED_CHATS: ModelRoute = route(storedChat, 'chat/completions', 'GET');
export const OWN_MODEL: ModelRoute = route(modelObject, 'models/{model}', 'DELETE');

const ROUTES: readonly ModelRoute[] = [
  route(storedChat, 'chat/completions/{id}', 'GET', 'POST', 'DELETE'),
  route(storedChat, 'chat/completions/{id}/messages', 'GET'),
  route(vectorStore, 'vector_stores', 'GET', 'POST'),
  route(vectorStore, 'vector_stores/{id}', 'GET', 'POST', 'DELETE'),
  route(vectorStore, 'vector_stores/{id}/search', 'POST'),
  route(vectorStore, 'vector_stores/{id}/files', 'GET', 'POST'),
  route(vectorStore, 'vector_stores/{id}/files/{item}', 'GET', 'POST', 'DELETE'),
  route(vectorStore, 'vector_stores/{id}/files/{item}/content', 'GET'),
  route(vectorStore, 'vector_stores/{id}/file_batches', 'POST'),
  route(vectorStore, 'vector_stores/{id}/file_batches/{item}', 'GET'),
  route(vectorStore, 'vector_stores/{id}/file_batches/{item}/cancel', 'POST'),
  route(vectorStore, 'vector_stores/{id}/file_batches/{item}/files', 'GET'),
  route(container, 'containers', 'GET', 'POST'),
  route(container, 'containers/{id}', 'GET', 'DELETE'),
  route(container, 'containers/{id}/files', 'GET', 'POST'),
  route(container, 'containers/{id}/files/{item}', 'GET', 'DELETE'),
  route(fileContent, 'containers/{id}/files/{item}/content', 'GET'),
  route(upload, 'uploads', 'POST'),
  route(upload, 'uploads/{id}/parts', 'POST'),
  route(upload, 'uploads/{id}/complete', 'POST'),
  route(upload, 'uploads/{id}/cancel', 'POST'),
];

/** All of them, for tests that walk routes. */
export const objectRoutes: readonly ModelRoute[] = [STORED_CHATS, OWN_MODEL, ...ROUTES];

/** Ids have a number, an underline or a hyphen: `chat/completions/models` is a base URL that ends in a route. */
const ID = /^(?=.*[\d_-])[\w.~-]+$/;

/** @param path without prefix, version and trailing slash. */
export const findObject = createSegmentTable(ROUTES, ID);
