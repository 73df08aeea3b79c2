// What protobufjs leaves out of descriptors it makes: whole names of the types of fields, names of the entries of maps that clash with no
// type, and which file a type stood in. With them they are what protoc writes.
import type { Enum, NamespaceBase, ReflectionObject, Root, Service, Type } from 'protobufjs';
import type {
  IDescriptorProto,
  IEnumDescriptorProto,
  IFileDescriptorProto,
  IServiceDescriptorProto,
} from 'protobufjs/ext/descriptor.js';

interface File extends IFileDescriptorProto {
  messageType: IDescriptorProto[];
  enumType: IEnumDescriptorProto[];
  service: IServiceDescriptorProto[];
}

/**
 * @param packages one for each package. @param order of the files. @param rest the one of types that stood in none.
 * @returns one for each file and package of it, in that order.
 */
export function mendNames(
  root: Root,
  packages: readonly IFileDescriptorProto[],
  order: readonly string[],
  rest: string,
): IFileDescriptorProto[] {
  const files = new Map<string, File>();
  for (const { package: name = '', messageType, enumType, service } of packages) {
    const scope = (name ? root.lookup(name) : root) as NamespaceBase; // where protobufjs made the descriptor from
    const fileOf = (object: ReflectionObject | null): File => {
      const filename = object?.filename ?? rest;
      const known = files.get(filename);
      if (known !== undefined) return known;
      const file: File = {
        name: filename,
        package: name ?? '',
        syntax: 'proto3',
        messageType: [],
        enumType: [],
        service: [],
      };
      files.set(filename, file);
      return file;
    };
    for (const message of messageType ?? []) {
      const type = scope.get(message.name!) as Type; // of that name and kind
      mendMessage(message, type);
      fileOf(type).messageType.push(message);
    }
    for (const one of enumType ?? []) fileOf(scope.get(one.name!) as Enum).enumType.push(one);
    for (const one of service ?? []) fileOf(scope.get(one.name!) as Service).service.push(one);
  }
  return order.map((name) => files.get(name)).filter((file) => file !== undefined);
}

function mendMessage(message: IDescriptorProto, type: Type): void {
  for (const field of message.field ?? []) {
    const known = type.fieldsById[field.number!]!;
    known.resolve();
    if (known.map) {
      const entry = message.nestedType?.find(
        ({ name, options }) => name === field.typeName && options?.mapEntry === true,
      );
      if (entry === undefined) continue;
      entry.name = `${entry.name}Entry`;
      field.typeName = `${type.fullName}.${entry.name}`;
      const value = entry.field?.find(({ name }) => name === 'value');
      if (value !== undefined && known.resolvedType !== null) value.typeName = known.resolvedType.fullName;
    } else if (known.resolvedType !== null) field.typeName = known.resolvedType.fullName;
  }
  for (const nested of message.nestedType ?? [])
    if (nested.options?.mapEntry !== true) mendMessage(nested, type.get(nested.name!) as Type); // of that name
}
