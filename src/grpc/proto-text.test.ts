// A .proto as text becomes descriptors, and JSON becomes its messages: bytes as protoc's own libraries write them.
import { describe, expect, it } from 'vitest';
import { createMessageTypes } from './message-types.ts';
import { descriptorsOf } from './proto-text.ts';

const MAIN = `
  // A comment; "and" a string.
  syntax = "proto3";
  package shop.v1;
  import "google/protobuf/struct.proto";
  import "google/protobuf/timestamp.proto";
  import public "shared/thing.proto";
  option java_package = "com.example";
  service Shop {
    rpc Buy(Order) returns (Receipt) { option deprecated = true; }
    rpc Watch(Order) returns (stream Receipt);
    rpc Send(stream Order) returns (Receipt);
    rpc Talk(stream Order) returns (stream Receipt);
  }
  message Order {
    reserved 20 to 30;
    string text = 1;
    repeated string tags = 2;
    optional int32 limit = 3;
    map<string, Weights> weights = 4;
    google.protobuf.Struct extra = 5;
    Kind kind = 6;
    oneof place { string street = 7; int64 box = 8; }
    Inner inner = 9;
    shared.Thing thing = 10;
    bytes raw = 11;
    google.protobuf.Timestamp at = 12;
    repeated int32 sizes = 13;
    message Inner { bool deep = 1; Weights own = 2; message Weights { double value = 1; } }
    message Weights { float value = 1; }
  }
  enum Kind { KIND_UNSPECIFIED = 0; KIND_HARD = 1; }
  message Receipt { string label = 1; repeated Order.Inner parts = 2; int64 used = 3; Kind kind = 4; map<string, string> notes = 5; }
`;
const THING = 'syntax = "proto3"; package shared; message Thing { uint64 big = 1; Thing next = 2; }';
const types = createMessageTypes(descriptorsOf({ 'main.proto': MAIN, 'shared/thing.proto': THING }));
const buy = types.method('shop.v1.Shop/Buy')!;
const hex = (value: Parameters<typeof buy.encode>[0]): string =>
  Buffer.from(buy.encode(value)).toString('hex');

describe('messages', () => {
  it('are written whatever they are made of', () => {
    expect(hex({ text: 'x', tags: ['a', 'b'] })).toBe('0a0178120161120162');
    expect(hex({ limit: 0, kind: 'KIND_HARD', box: '9007199254740993' })).toBe(
      '180030014081808080808080' + '10',
    );
    // A map whose entries and a message have the same name.
    expect(hex({ weights: { q: { value: 1.5 } } })).toBe('220a0a017112050d0000c03f');
    expect(hex({ inner: { deep: true, own: { value: 1 } } })).toBe('4a0d080112090900000000' + '0000f03f');
    expect(hex({ thing: { big: '18446744073709551615', next: { big: 1 } } })).toBe(
      '520f08ffffffffffffffffff0112020801',
    );
    expect(hex({ raw: 'AAEC', at: '1970-01-01T00:00:01Z', sizes: [1, 300] })).toBe(
      '5a03000102620208016a0301ac02',
    );
    expect(hex({ extra: { a: null } })).toBe('2a090a070a01611202080' + '0');
  });

  it('are read by the names of the .proto, with what is not said', () => {
    expect(buy.decode(Buffer.from('0a01781a00'.slice(0, 6), 'hex'))).toEqual({
      label: 'x',
      parts: [],
      used: '0',
      kind: 'KIND_UNSPECIFIED',
      notes: {},
    });
    expect(buy.decode(Buffer.from('12020801187b2001', 'hex'))).toMatchObject({
      parts: [{ deep: true }],
      used: '123',
      kind: 'KIND_HARD',
    });
  });

  it('say which member they have not', () => {
    expect(() => buy.encode({ txet: 'x' })).toThrow('"txet" is unknown');
    expect(() => buy.encode({ limit: 'many' })).toThrow('limit');
    expect(buy.unknown({ text: 1, inner: { own: { valeu: 1 } } })).toBe('inner.own.valeu');
    expect(buy.unknown({ weights: { anything: 1 }, extra: { any: 1 }, tags: ['{{x}}'] })).toBeNull();
    expect(['label', 'parts.0.own.value', 'notes.any', 'kind'].map((path) => buy.missing(path))).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(['labl', 'parts.own', 'parts.0.x', 'label.x'].map((path) => buy.missing(path))).toEqual([
      'labl',
      'own',
      'x',
      'x',
    ]);
  });
});

describe('methods', () => {
  it('are there by their whole names; those that take a stream are none of them, and refused', () => {
    expect(types.methods).toEqual(['Buy', 'Watch'].map((name) => `shop.v1.Shop/${name}`));
    expect(types.method('shop.v1.Shop/Watch')).toMatchObject({ path: '/shop.v1.Shop/Watch', streams: true });
    expect(types.method('shop.v1.Shop/None')).toBeNull();
    for (const name of ['Send', 'Talk'])
      expect(() => types.method(`shop.v1.Shop/${name}`)).toThrow('takes a stream');
  });
});

describe('text that is none', () => {
  it.each([
    [{ 'a.proto': 'syntax = "proto3"; message {' }, 'a.proto: '],
    [{ 'a.proto': 'syntax = "proto3"; import "b.proto";' }, 'a.proto imports b.proto, which is not there'],
    [{ 'a.proto': 'syntax = "proto3"; message A { B b = 1; }' }, 'B'],
  ])('%j', (files, message) => {
    expect(() => descriptorsOf(files as Record<string, string>)).toThrow(message);
  });

  it('a package by none is a service like any other', () => {
    const found = createMessageTypes(
      descriptorsOf({
        'a.proto': 'syntax = "proto3"; service S { rpc M(A) returns (A); } message A { string t = 1; }',
      }),
    );
    expect(found.methods).toEqual(['S/M']);
  });
});
