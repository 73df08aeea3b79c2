// What the single executable runs. The package lies inside it as one archive: at the first start it is unpacked into a folder of the
// person's, and from then on it is that folder that runs, as it is everywhere else. Workers, the gatehouse and whatever else is forked are this
// same executable, with the path of a module of that folder as its first argument.
const {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  existsSync,
  lstatSync,
  writeFileSync,
  chmodSync,
} = require('node:fs');
const { createRequire } = require('node:module');
const { homedir, tmpdir } = require('node:os');
const path = require('node:path');
const { getAsset } = require('node:sea');
const { gunzipSync } = require('node:zlib');

const print = getAsset('print', 'utf8');
const app = path.join(folder(), `app-${print}`);
if (!existsSync(path.join(app, 'complete'))) unpack();

const args = process.argv.slice(2);
const at = args.findIndex((word) => !word.startsWith('-'));
const forked = at !== -1 && args[at].startsWith(app + path.sep) && existsSync(args[at]);
const entry = forked ? args[at] : path.join(app, 'node_modules/headgate/dist/cluster/cli.js');
process.argv = [process.execPath, entry, ...(forked ? args.slice(at + 1) : args)];
process.execArgv = [];
const boot = path.join(app, 'boot.cjs');
createRequire(boot)(boot)(entry);

/** Nobody else may write there: what lies in it is run. */
function folder() {
  let home = '';
  try {
    home = homedir();
  } catch {
    // A user without an entry.
  }
  const base =
    process.env.XDG_CACHE_HOME ||
    (home !== '' && existsSync(home)
      ? path.join(home, '.cache')
      : path.join(tmpdir(), `headgate-${process.getuid?.() ?? 0}`));
  const own = path.join(base, 'headgate');
  mkdirSync(own, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(own);
  if (process.getuid !== undefined && (uid !== process.getuid() || (mode & 0o022) !== 0)) {
    process.stderr.write(`headgate: ${own} can be written to by others: it is not used\n`);
    process.exit(1);
  }
  return own;
}

/** `u32 length | JSON [path, bytes, mode][] | bytes`, packed. Two that start at once each unpack, and one is kept. */
function unpack() {
  const archive = gunzipSync(Buffer.from(getAsset('app')));
  const length = archive.readUInt32BE(0);
  const half = mkdtempSync(`${app}.`);
  let from = 4 + length;
  for (const [name, bytes, mode] of JSON.parse(archive.toString('utf8', 4, from))) {
    const file = path.join(half, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, archive.subarray(from, from + bytes));
    chmodSync(file, mode);
    from += bytes;
  }
  // Modules of the folder cannot be imported from inside the executable, but required they can be.
  writeFileSync(
    path.join(half, 'boot.cjs'),
    "module.exports = (entry) => import(require('node:url').pathToFileURL(entry).href);\n",
  );
  writeFileSync(path.join(half, 'complete'), '');
  try {
    renameSync(half, app);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(path.join(app, 'complete'))) throw error;
  }
}
