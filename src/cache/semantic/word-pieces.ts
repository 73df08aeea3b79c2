// A word as the pieces of a table, by byte pair encoding: of two neighbours that are one piece together, those of the lowest rank
// are joined first (Sennrich et al. 2016), until none are.

/** What begins a word. */
const BEGIN = '▁';

/** @returns ranks of its pieces, in order; what is in no piece is left out. */
export function piecesOf(word: string, rankOf: (piece: string) => number | undefined): number[] {
  const pieces = [...`${BEGIN}${word}`];
  for (;;) {
    let at = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i + 1 < pieces.length; i++) {
      const rank = rankOf(pieces[i]! + pieces[i + 1]!);
      if (rank !== undefined && rank < least) [at, least] = [i, rank];
    }
    if (at < 0) break;
    pieces.splice(at, 2, pieces[at]! + pieces[at + 1]!);
  }
  return pieces.map(rankOf).filter((rank) => rank !== undefined);
}
