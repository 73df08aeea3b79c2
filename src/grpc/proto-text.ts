// The text of a .proto as descriptors, which say the same in messages that every library reads. Runs where a configuration is read: no
// worker loads the parser.
import { createRequire } from 'node:module';
import type * as ProtobufJs from 'protobufjs';
import type * as Descriptors from 'protobufjs/ext/descriptor.js';
import { mendNames } from './descriptor-names.ts';

/** Text of each file, by the name that others import it by. */
export type ProtoFiles = Readonly<Record<string, string>>;

/** Types that come with every compiler lie in one file, whatever they are imported by. */
const WELL_KNOWN = 'google/protobuf/well_known.proto';

/**
 * @param files those of `google/protobuf/` need not be among them.
 * @returns a FileDescriptorSet in base64. @throws Error that says what is wrong with which file.
 */
export function descriptorsOf(files: ProtoFiles): string {
  const { Root, parse, common, FileDescriptorSet } = loadParser();
  const root = new Root();
  const begun = new Set<string>();
  /** Whoever imports stands behind what it imports. */
  const order = [WELL_KNOWN];
  const add = (name: string, importer: string | null): void => {
    if (begun.has(name)) return;
    begun.add(name);
    const known = files[name] === undefined ? common.get(name) : null;
    if (known?.nested !== undefined) {
      root.addJSON(known.nested);
      return;
    }
    const text = files[name];
    if (text === undefined) throw new Error(`${importer ?? 'it'} imports ${name}, which is not there`);
    for (const imported of parsed(() => parse(text, new Root(), { keepCase: true }), name))
      add(imported, name);
    // Types remember the file they stood in; its own types do not tell of it.
    (parse as typeof parse & { filename: string | null }).filename = name;
    parsed(() => parse(text, root, { keepCase: true }), name);
    order.push(name);
  };
  for (const name of Object.keys(files)) add(name, null);
  try {
    root.resolveAll();
  } catch (cause) {
    throw new Error(cause instanceof Error ? cause.message : String(cause), { cause });
  }
  const file = mendNames(root, root.toDescriptor('proto3').file ?? [], order, WELL_KNOWN);
  return Buffer.from(FileDescriptorSet.encode({ file }).finish()).toString('base64');
}

/** @returns what it imports. */
function parsed(parse: () => ProtobufJs.IParserResult, name: string): string[] {
  try {
    const { imports, weakImports } = parse();
    return [...(imports ?? []), ...(weakImports ?? [])];
  } catch (cause) {
    throw new Error(`${name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** Only where a .proto is configured. The types are the modules' own. */
function loadParser() {
  const load = createRequire(import.meta.url);
  const { Root, parse, common } = load('protobufjs') as typeof ProtobufJs;
  const { FileDescriptorSet } = load('protobufjs/ext/descriptor.js') as typeof Descriptors;
  return { Root, parse, common, FileDescriptorSet };
}
