// Messages of a .proto that became known when the gateway was started: JSON in, bytes out, and back (ProtoJSON, with the names that the
// .proto has).
import { createRequire } from 'node:module';
import type * as Protobuf from '@bufbuild/protobuf';
import type { DescMessage, DescMethod, FileRegistry, JsonValue } from '@bufbuild/protobuf';
import type * as WellKnown from '@bufbuild/protobuf/wkt';
import type { Json, JsonObject } from '../contracts/json.ts';
import { isObject } from '../dialects/read.ts';

const WELL_KNOWN = 'google.protobuf.';

/** A method that is called with JSON and answers JSON. */
export interface MessageMethod {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Several answers. */
  readonly streams: boolean;
  /** @throws Error that names what does not fit the message. */
  encode(value: JsonObject): Uint8Array;
  /** @throws Error */
  decode(bytes: Uint8Array): JsonObject;
  /** A member of a request, or of one within it, that the message has not; null = it has all. */
  unknown(request: JsonObject): string | null;
  /** Whether a path such as `choices.0.text` can be found in an answer; the first step that cannot, or null. */
  missing(path: string): string | null;
}

export interface MessageTypes {
  /** @param name `package.Service/Method`. Null: there is none. @throws Error for one that takes a stream. */
  method(name: string): MessageMethod | null;
  /** Names of those that can be called: that take one message. */
  readonly methods: readonly string[];
}

/** @param descriptors a FileDescriptorSet in base64. @throws Error when it is none. */
export function createMessageTypes(descriptors: string): MessageTypes {
  const { createFileRegistry, fromBinary, FileDescriptorSetSchema } = protobuf();
  const registry = createFileRegistry(
    fromBinary(FileDescriptorSetSchema, Buffer.from(descriptors, 'base64')),
  );
  const methods: string[] = [];
  for (const type of registry)
    if (type.kind === 'service')
      for (const { name, methodKind } of type.methods)
        if (takesOne(methodKind)) methods.push(`${type.typeName}/${name}`);
  return {
    methods,
    method(name) {
      const [service = '', method = ''] = name.split('/');
      const found = registry.getService(service)?.methods.find((one) => one.name === method);
      return found === undefined ? null : methodOf(found, registry);
    },
  };
}

/** Read at once, and only where a provider is called by a .proto: it is a third of what a start of the primary would load. */
function protobuf(): typeof Protobuf & typeof WellKnown {
  const load = createRequire(import.meta.url);
  return { ...load('@bufbuild/protobuf'), ...load('@bufbuild/protobuf/wkt') } as typeof Protobuf &
    typeof WellKnown; // what its types describe
}

const takesOne = (kind: DescMethod['methodKind']): boolean => kind === 'unary' || kind === 'server_streaming';

function methodOf(method: DescMethod, registry: FileRegistry): MessageMethod {
  const { input, output, parent, name, methodKind } = method;
  const { fromBinary, fromJson, toBinary, toJson } = protobuf();
  if (!takesOne(methodKind))
    throw new Error(`${parent.typeName}/${name} takes a stream of messages, and a request is one`);
  return {
    path: `/${parent.typeName}/${name}`,
    streams: methodKind === 'server_streaming',
    // JSON of a client: numbers kept as written are objects of JavaScript's own, which are printed and read once more.
    encode: (value) => toBinary(input, fromJson(input, plainJson(value), { registry })),
    decode: (bytes) =>
      toJson(output, fromBinary(output, bytes), {
        registry,
        useProtoFieldName: true,
        alwaysEmitImplicit: true,
      }) as JsonObject, // of a message
    unknown: (request) => unknownIn(input, request),
    missing: (path) => missingIn(output, path.split('.')),
  };
}

function unknownIn(message: DescMessage, value: JsonObject): string | null {
  if (message.typeName.startsWith(WELL_KNOWN)) return null;
  for (const [name, inner] of Object.entries(value)) {
    const field = message.fields.find((one) => one.name === name || one.jsonName === name);
    if (field === undefined) return name;
    // Keys of a map are anybody's.
    if (field.message === undefined || field.fieldKind === 'map') continue;
    for (const item of Array.isArray(inner) ? inner : [inner]) {
      const unknown = isObject(item) ? unknownIn(field.message, item) : null;
      if (unknown !== null) return `${name}.${unknown}`;
    }
  }
  return null;
}

function plainJson(value: Json): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}

/** Well-known types are written in a way of their own: what is in them is not looked at. */
function missingIn(message: DescMessage, [step, ...rest]: readonly string[]): string | null {
  if (step === undefined || message.typeName.startsWith(WELL_KNOWN)) return null;
  const field = message.fields.find(({ name }) => name === step);
  if (field === undefined) return step;
  let inner = rest;
  if (field.fieldKind === 'list') {
    if (inner[0] === undefined || !/^\d+$/.test(inner[0]))
      return inner[0] ?? `${step} (a list: which of it?)`;
    inner = inner.slice(1);
  } else if (field.fieldKind === 'map') inner = inner.slice(1);
  if (field.message !== undefined) return inner.length === 0 ? null : missingIn(field.message, inner);
  return inner[0] ?? null;
}
