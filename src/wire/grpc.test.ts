import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRPC_CODES } from '../contracts/grpc.ts';
import {
  codeOfHttp,
  decodeGrpcMessage,
  encodeGrpcMessage,
  GrpcDeframer,
  GrpcFrameFault,
  grpcCode,
  grpcFrame,
  grpcTimeout,
  grpcTimeoutMs,
} from './grpc.ts';

function deframe(bytes: Buffer, cuts: readonly number[], maxBytes = 1000): { got: string[]; clean: boolean } {
  const got: string[] = [];
  const deframer = new GrpcDeframer(maxBytes, (message) => got.push(message.toString('hex')));
  let from = 0;
  for (const cut of [...new Set(cuts.map((at) => at % (bytes.length + 1)))].sort((a, b) => a - b)) {
    deframer.push(bytes.subarray(from, cut));
    from = cut;
  }
  deframer.push(bytes.subarray(from));
  return { got, clean: deframer.clean };
}

describe('messages of gRPC', () => {
  it('come out whole wherever their bytes are split, empty ones too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (messages, cuts) => {
          const bytes = Buffer.concat(messages.map(grpcFrame));
          const { got, clean } = deframe(bytes, cuts);
          expect(got).toEqual(messages.map((message) => Buffer.from(message).toString('hex')));
          expect(clean).toBe(true);
        },
      ),
    );
  });

  it('that end within one are not clean', () => {
    const bytes = grpcFrame(Buffer.from('whole'));
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(deframe(bytes.subarray(0, cut), []).clean, `cut at ${cut}`).toBe(false);
    }
  });

  it('are refused by their prefix, before a byte of them is kept', () => {
    const prefix = Buffer.from([0, 0xff, 0xff, 0xff, 0xff]);
    expect(() => deframe(prefix, [])).toThrow(/larger than 1000/);
    expect(() => deframe(Buffer.from([1, 0, 0, 0, 1, 7]), [])).toThrow(GrpcFrameFault);
    expect(deframe(grpcFrame(Buffer.alloc(1000)), []).got).toHaveLength(1);
  });

  it('survive any bytes: messages, or a fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(), { maxLength: 6 }), (bytes, cuts) => {
        try {
          deframe(Buffer.from(bytes), cuts, 64);
        } catch (error) {
          expect(error).toBeInstanceOf(GrpcFrameFault);
        }
      }),
    );
  });
});

describe('what stands in headers and trailers', () => {
  it('tells any text, and takes what others escape badly', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const sent = encodeGrpcMessage(text);
        expect(sent).toMatch(/^[\x20-\x7e]*$/);
        expect(decodeGrpcMessage(sent)).toBe(text);
      }),
    );
    expect(decodeGrpcMessage('100%, %zz, %2')).toBe('100%, %zz, %2');
    expect(decodeGrpcMessage('caf%C3%A9 %e2%82%AC')).toBe('café €');
  });

  it('tells times in eight digits at most', () => {
    expect(grpcTimeout(0.2)).toBe('1m');
    expect(grpcTimeout(250)).toBe('250m');
    expect(grpcTimeout(99_999_999)).toBe('99999999m');
    expect(grpcTimeout(100_000_001)).toBe('100001S');
    expect(grpcTimeoutMs('250m')).toBe(250);
    expect(grpcTimeoutMs('2H')).toBe(7_200_000);
    expect(grpcTimeoutMs('1500u')).toBe(1.5);
    for (const bad of ['', '5', 'm', '123456789m', '-1m', '1.5S', '1h'])
      expect(grpcTimeoutMs(bad)).toBeNull();
  });

  it('knows a status, and takes anything else for unknown', () => {
    expect(grpcCode('0')).toBe(GRPC_CODES.OK);
    expect(grpcCode('14')).toBe(GRPC_CODES.UNAVAILABLE);
    for (const bad of [undefined, '', '17', '-1', '1e1', 'OK'])
      expect(grpcCode(bad)).toBe(GRPC_CODES.UNKNOWN);
    expect(codeOfHttp(503)).toBe(GRPC_CODES.UNAVAILABLE);
    expect(codeOfHttp(404)).toBe(GRPC_CODES.UNIMPLEMENTED);
    expect(codeOfHttp(200)).toBe(GRPC_CODES.UNKNOWN);
  });
});
