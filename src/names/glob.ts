// Names with `*` anywhere in the pattern. Linear but for the length of the pattern: names come from clients, so nothing
// here may go back more than to the last star.

/** True when `pattern`, in which each `*` stands for any run of characters, is all of `name`. */
export function matchesGlob(pattern: string, name: string): boolean {
  let at = 0;
  let here = 0;
  /** Behind the last star, and where in the name its run ends so far. */
  let behindStar = -1;
  let run = 0;
  while (here < name.length) {
    if (at < pattern.length && pattern.charCodeAt(at) === 42 /* * */) {
      behindStar = ++at;
      run = here;
    } else if (at < pattern.length && pattern.charCodeAt(at) === name.charCodeAt(here)) {
      at++;
      here++;
    } else if (behindStar < 0) return false;
    else {
      at = behindStar;
      here = ++run;
    }
  }
  while (pattern.charCodeAt(at) === 42) at++;
  return at === pattern.length;
}
