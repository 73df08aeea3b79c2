// What will change in a file, as a person reads it: lines that go and lines that come, with two around them.

const AROUND = 2;
/** Beyond that the middle is shown as gone and come: comparing costs lines times lines. */
const MAX_LINES = 2_000;

type Row = readonly [mark: ' ' | '-' | '+', line: string];

/** @param name of the file. @returns '' when nothing changes. */
export function diffOf(name: string, before: string, after: string): string {
  if (before === after) return '';
  const rows = rowsOf(linesOf(before), linesOf(after));
  const shown = rows.map((_, at) =>
    rows.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(([mark]) => mark !== ' '),
  );
  const text = rows.flatMap(([mark, line], at) => {
    if (shown[at]) return [`${mark} ${line}`];
    return shown[at - 1] === true ? ['  …'] : [];
  });
  return [`${before === '' ? 'new file' : 'change'} ${name}`, ...text, ''].join('\n');
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

function rowsOf(before: readonly string[], after: readonly string[]): Row[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < before.length - head &&
    tail < after.length - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++;
  const [gone, come] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const kept = (line: string): Row => [' ', line];
  return [
    ...before.slice(0, head).map(kept),
    ...middle(gone, come),
    ...before.slice(before.length - tail).map(kept),
  ];
}

/** By the longest common run of lines. */
function middle(gone: readonly string[], come: readonly string[]): Row[] {
  if (gone.length > MAX_LINES || come.length > MAX_LINES)
    return [...gone.map((line): Row => ['-', line]), ...come.map((line): Row => ['+', line])];
  const width = come.length + 1;
  const common = new Uint16Array((gone.length + 1) * width);
  for (let a = gone.length - 1; a >= 0; a--)
    for (let b = come.length - 1; b >= 0; b--)
      common[a * width + b] =
        gone[a] === come[b]
          ? common[(a + 1) * width + b + 1]! + 1
          : Math.max(common[(a + 1) * width + b]!, common[a * width + b + 1]!);
  const rows: Row[] = [];
  let [a, b] = [0, 0];
  while (a < gone.length || b < come.length) {
    if (a < gone.length && b < come.length && gone[a] === come[b]) {
      rows.push([' ', gone[a]!]);
      a++;
      b++;
    } else if (
      a < gone.length &&
      (b === come.length || common[(a + 1) * width + b]! >= common[a * width + b + 1]!)
    )
      rows.push(['-', gone[a++]!]);
    else rows.push(['+', come[b++]!]);
  }
  return rows;
}
