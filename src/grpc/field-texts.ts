// The text fields of a message, by number: all that the small services of gRPC itself (health, reflection) are asked by.
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/** Fields that are no text are passed over; of several of one number the last counts. @throws Error where it is no message. */
export function fieldTexts(message: Uint8Array): Map<number, string> {
  const texts = new Map<number, string>();
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type === WireType.LengthDelimited) texts.set(field, reader.string());
    else reader.skip(type, field);
  }
  return texts;
}
