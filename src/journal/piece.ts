// How a journal is written: two areas, each a chain of pieces from its beginning. A piece counts when the number at its end is that
// of its head, and follows the number of the piece before it: of one that was being written when the process died the end is not
// there, and what stands behind the last one is older.
//
//   length u32 | number f64 | written u32 | entry … | number f64
//   entry:  kind u8 | length u32 | …
//     CHARGE   batch f64 | amount f64 | bucket, UTF-8
//     SEGMENT  segment u32 | MessagePack [folder, run, node, worker]
//     TEXTS    segment u32 | MessagePack [from, texts, from, callers]: those of the segment, from that number on
//     ROWS     segment u32 | count u32 | where each ends u32 … | records (observability/requests/record.ts)
//
// Pieces and batches are counted in f64: at ten thousand a second a u32 is over in five days.

/** Bytes of one area; a file has two. What a worker has not told comes to some hundred kilobytes. */
export const AREA_BYTES = 4 * 1024 * 1024;
/** Length, number, and which segments are written. */
export const HEAD_BYTES = 16;
/** The number once more. */
export const TAIL_BYTES = 8;
export const ENTRY_BYTES = 5;

export const CHARGE = 1;
export const SEGMENT = 2;
export const TEXTS = 3;
export const ROWS = 4;
