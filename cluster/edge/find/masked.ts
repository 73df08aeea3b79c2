// Commands and addresses of MCP servers as they may be told to the centre: people write tokens into both.

/** Options whose value is a secret. */
const SECRET_OPTION =
  /^--?(?:.*[-_])?(?:key|token|secret|password|passwd|pass|auth|authorization|bearer|credential|pat|header)s?$/i;
const SECRET_PAIR =
  /^(--?[\w.-]*(?:key|token|secret|password|passwd|auth|credential|pat|header)s?|[A-Z][A-Z0-9_]*)=(.+)$/i;
/** What vendors begin their keys with, and anything long that looks like chance. */
const SECRET_TEXT =
  /^(?:sk-|pk-|rk-|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AKIA|AIza|ya29\.|eyJ|hg-|hga-|Bearer\s)|^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_=+/-]{32,}$/;
const HIDDEN = '***';
const MAX_LENGTH = 2_048;

/** One line, secrets out. @param home of the person: a path below it says nothing of the server */
export function maskedCommand(command: string, args: readonly string[], home: string): string {
  const shown: string[] = [];
  let hide = false;
  for (const arg of [command, ...args]) {
    const pair = SECRET_PAIR.exec(arg);
    if (hide) shown.push(HIDDEN);
    else if (pair !== null) shown.push(`${pair[1]}=${HIDDEN}`);
    else if (/^https?:\/\//.test(arg)) shown.push(maskedUrl(arg));
    else shown.push(isPath(arg) ? atHome(arg, home) : SECRET_TEXT.test(arg) ? HIDDEN : arg);
    hide = pair === null && !hide && SECRET_OPTION.test(arg);
  }
  return shown.join(' ').slice(0, MAX_LENGTH);
}

/** Without user, query and fragment; parts of the path that look like keys are hidden. What is no address is hidden whole. */
export function maskedUrl(text: string): string {
  if (!URL.canParse(text)) return HIDDEN;
  const { protocol, host, pathname } = new URL(text);
  const path = pathname
    .split('/')
    .map((part) => (SECRET_TEXT.test(part) ? HIDDEN : part))
    .join('/');
  return `${protocol}//${host}${path.replace(/\/+$/, '')}`.slice(0, MAX_LENGTH);
}

/** Folders of machines look like chance often enough, and hold no keys. */
const isPath = (arg: string): boolean => /^(?:~|\.{1,2})?\//.test(arg) || /^[A-Za-z]:\\/.test(arg);

function atHome(arg: string, home: string): string {
  return home !== '' && home !== '/' && arg.startsWith(`${home}/`) ? `~${arg.slice(home.length)}` : arg;
}
