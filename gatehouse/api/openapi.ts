// The OpenAPI 3.1 document, made of the table of routes that answers and checks.
import type { SchemaNode } from '../../src/config/schema/node.ts';
import { MAX_PARAMETER } from './checked.ts';
import { object, text } from './fields.ts';
import type { ApiRoute } from './route.ts';

const errorSchema = object(
  {
    error: object(
      {
        type: text('Kind of the fault.'),
        code: text('Stable, for programs.'),
        message: text('For people.'),
        param: text('Where in the body or the query; null = nowhere in particular.'),
        requestId: text('Of this call, as the log has it; the header `x-request-id` says it, too.'),
      },
      ['type', 'code', 'message'],
    ),
  },
  ['error'],
);

/** @param version of the gateway */
export function openApi(routes: readonly ApiRoute[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    paths[route.path]![route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Headgate admin API',
      version,
      description:
        'Manages keys, teams, limits and more. Unknown fields are refused. Lists are paged: `{ items, next }`. Objects carry a version as ETag; with `If-Match` an update that would undo another one is a 409. A POST with an `Idempotency-Key` is done once.',
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A personal token, `hga-…`.' },
        session: { type: 'apiKey', in: 'cookie', name: 'headgate_session' },
      },
      schemas: { Error: plain(errorSchema, true) },
    },
  };
}

function operationOf(route: ApiRoute): object {
  const { operation, summary, body, query = {}, answer, access, method, path } = route;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
  const header = (name: string, description: string) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  });
  return {
    operationId: operation,
    summary,
    ...(access === 'open' ? { security: [] } : {}),
    ...(typeof access === 'object' ? { 'x-permission': `${access.resource}:${access.verb}` } : {}),
    parameters: [
      ...names.map((name) => ({
        name,
        in: 'path',
        required: true,
        description: 'Id, or name.',
        schema: { type: 'string', minLength: 1, maxLength: 128 },
      })),
      ...Object.entries(query).map(([name, schema]) => ({
        name,
        in: 'query',
        required: false,
        description: schema.description ?? '',
        schema: { ...(schema.type === 'string' ? { maxLength: MAX_PARAMETER } : {}), ...plain(schema) },
      })),
      ...(method === 'PATCH' || method === 'DELETE' || route.guarded === true
        ? [header('If-Match', 'The ETag that the change was made from.')]
        : []),
      ...(method === 'POST' && access !== 'open'
        ? [header('Idempotency-Key', 'The same key and body get the same answer for a day.')]
        : []),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: (body.required ?? []).length > 0 && method !== 'PATCH',
            content: { 'application/json': { schema: plain(method === 'PATCH' ? patchOf(body) : body) } },
          },
        }),
    responses: {
      [answer.status]: {
        description: 'Done.',
        ...(answer.schema === null
          ? {}
          : {
              content: Object.fromEntries(
                (answer.types ?? ['application/json']).map((type) => [
                  type,
                  { schema: answer.schema!.type === 'string' ? {} : plain(answer.schema!, true) },
                ]),
              ),
            }),
      },
      // Before anybody reads it.
      431: { description: 'The head of the request is larger than 16 KiB.' },
      default: {
        description: 'Refused.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

/** Every field may be left out, or null. */
function patchOf(schema: SchemaNode): SchemaNode {
  const { required: _required, ...rest } = schema;
  const properties = Object.entries(schema.properties ?? {}).map(([name, field]) => [
    name,
    { anyOf: [field, { type: 'null' as never }] }, // JSON Schema has it, our checks see null before
  ]);
  return { ...rest, properties: Object.fromEntries(properties) };
}

/** Limits of what people send; an answer says what there is. */
const OF_INPUT = ['minLength', 'maxLength', 'pattern', 'minimum', 'maximum', 'exclusiveMinimum', 'maxItems'];

/**
 * JSON Schema without our own words.
 *
 * @param open of an answer: it may grow, and is null where its description says what null means
 */
function plain(schema: SchemaNode, open = false): object {
  const { patternProperties, properties, items, anyOf, ...rest } = schema;
  const own = Object.fromEntries(
    Object.entries(rest).filter(([key]) => !key.startsWith('x-') && !(open && OF_INPUT.includes(key))),
  );
  const closed = schema.type === 'object' && !open && patternProperties === undefined;
  const each = (nodes: Record<string, SchemaNode>): object =>
    Object.fromEntries(Object.entries(nodes).map(([key, node]) => [key, plain(node, open)]));
  const made = {
    ...own,
    ...(properties === undefined ? {} : { properties: each(properties) }),
    ...(patternProperties === undefined ? {} : { patternProperties: each(patternProperties) }),
    ...(items === undefined ? {} : { items: plain(items, open) }),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((node) => plain(node, open)) }),
    ...(closed ? { additionalProperties: false } : {}),
  };
  return open && /\bnull\b/i.test(schema.description ?? '') ? { anyOf: [made, { type: 'null' }] } : made;
}
