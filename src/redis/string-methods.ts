// What the Redis driver does to the texts of its whole process, mended.
//
// One of its classes extends String. V8 then keeps the methods of texts in a table, where no compiled code looks them up by
// itself, in no file; and it makes them fast again only for objects, which texts are not. Until then each `charCodeAt` and
// each `slice` costs two calls into V8 (docs/performance.md).

/** V8 looks again when code that asks an object for a method has run some times: ten, measured. */
const ASKED = 1_000;

/** To be called behind the import of the driver. */
export function quickenStringMethods(): void {
  const text: string = Object('');
  for (let i = 0; i < ASKED; i++) methodOf(text);
}

function methodOf(text: string): unknown {
  return text.slice;
}
