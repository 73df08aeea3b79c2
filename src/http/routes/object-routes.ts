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
  'fine-tuning': fineTuning,
  eval: evaluation,
  skill,
  voice,
  container,
  upload,
} = operations;

/** What is under way is ended by whoever has nothing left to spend. */
const TUNED: Operation = { ...fineTuning, billed: false, modelIn: null };
const EVALUATED: Operation = { ...evaluation, billed: false, modelIn: null };

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

const SKILLS: readonly ModelRoute[] = [
  route(skill, 'skills', 'GET', 'POST'),
  route(skill, 'skills/{id}', 'GET', 'POST', 'DELETE'),
  route(fileContent, 'skills/{id}/content', 'GET'),
  route(skill, 'skills/{id}/versions', 'GET', 'POST'),
  route(skill, 'skills/{id}/versions/{item}', 'GET', 'DELETE'),
  route(fileContent, 'skills/{id}/versions/{item}/content', 'GET'),
];
/** Anthropic has them at the same paths. */
export const SKILL_TWINS: readonly (readonly [ModelRoute, ModelRoute])[] = SKILLS.map((openai) => [
  openai,
  { ...openai, dialect: 'anthropic', forward: openai.template },
]);

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
  route(fineTuning, 'fine_tuning/jobs', 'GET', 'POST'),
  route(fineTuning, 'fine_tuning/jobs/{id}', 'GET'),
  ...['cancel', 'pause'].map((verb) => route(TUNED, `fine_tuning/jobs/{id}/${verb}`, 'POST')),
  route(fineTuning, 'fine_tuning/jobs/{id}/resume', 'POST'),
  ...['events', 'checkpoints'].map((part) => route(fineTuning, `fine_tuning/jobs/{id}/${part}`, 'GET')),
  ...['run', 'validate'].map((verb) => route(fineTuning, `fine_tuning/alpha/graders/${verb}`, 'POST')),
  route(evaluation, 'evals', 'GET', 'POST'),
  route(evaluation, 'evals/{id}', 'GET', 'POST', 'DELETE'),
  route(evaluation, 'evals/{id}/runs', 'GET', 'POST'),
  // Older clients cancel one by a POST to itself.
  route(EVALUATED, 'evals/{id}/runs/{item}', 'GET', 'POST', 'DELETE'),
  route(EVALUATED, 'evals/{id}/runs/{item}/cancel', 'POST'),
  route(evaluation, 'evals/{id}/runs/{item}/output_items', 'GET'),
  route(evaluation, 'evals/{id}/runs/{item}/output_items/{part}', 'GET'),
  route(voice, 'audio/voices', 'POST'),
  route(voice, 'audio/voices/{id}', 'DELETE'),
  route(voice, 'audio/voice_consents', 'GET', 'POST'),
  route(voice, 'audio/voice_consents/{id}', 'GET', 'POST', 'DELETE'),
];

/** Who else may use a checkpoint of a model of one's own, which has its own kind of name. */
const CHECKPOINTS: readonly ModelRoute[] = [
  route(TUNED, 'fine_tuning/checkpoints/{id}/permissions', 'GET', 'POST'),
  route(TUNED, 'fine_tuning/checkpoints/{id}/permissions/{item}', 'DELETE'),
];

/** All of them, for tests that walk routes. */
export const objectRoutes: readonly ModelRoute[] = [
  STORED_CHATS,
  OWN_MODEL,
  ...ROUTES,
  ...SKILLS,
  ...CHECKPOINTS,
];

/** Ids have a number, an underline or a hyphen: `chat/completions/models` is a base URL that ends in a route. */
const ID = /^(?=.*[\d_-])[\w.~-]+$/;

/** `ft:gpt-4o-mini-2024-07-18:org:name:id:ckpt-step-200`. */
const CHECKPOINT = /^[\w.:~-]+$/;

/** Those that a vendor has for everybody are words (`skills/pptx`). */
const WORD = /^[\w.~-]+$/;

const findOther = createSegmentTable(ROUTES, ID);
const findSkill = createSegmentTable(SKILLS, WORD);
const findCheckpoint = createSegmentTable(CHECKPOINTS, CHECKPOINT);

/** @param path without prefix, version and trailing slash. */
export const findObject: typeof findOther = (path) =>
  // Clients write a checkpoint's colons as they are, or encoded.
  findOther(path) ?? findSkill(path) ?? findCheckpoint(path.replaceAll(/%3a/gi, ':'));
