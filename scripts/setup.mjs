// Makes a clone ready to run: installs the locked packages when they changed, and sees to it that there is a Redis.
// Plain JavaScript without dependencies, for it runs on whatever Node (18 or newer) the machine has, before
// anything is installed. Says nothing, and takes no time, when there is nothing to do.
// Longer than 250 lines, because it runs before anything is installed, and so imports nothing.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_NEEDED = [22, 19];
const REDIS_PROGRAMS = ['redis-server', 'valkey-server'];

/** In the order tried. `refresh` is run when the first try finds nothing to install, `help` is what we tell a person. */
const PACKAGE_MANAGERS = [
  {
    program: 'apt-get',
    refresh: ['update', '-qq'],
    install: ['install', '-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'],
    packages: ['redis-server', 'valkey-server'],
    help: 'apt-get install redis-server',
  },
  {
    program: 'apk',
    install: ['add', '--quiet', '--no-cache'],
    packages: ['redis', 'valkey'],
    help: 'apk add redis',
  },
  {
    program: 'dnf',
    install: ['install', '-y', '-q'],
    packages: ['valkey', 'redis'],
    help: 'dnf install valkey',
  },
  {
    program: 'zypper',
    install: ['--non-interactive', 'install'],
    packages: ['redis', 'valkey'],
    help: 'zypper install redis',
  },
  {
    program: 'pacman',
    install: ['-S', '--noconfirm'],
    packages: ['valkey', 'redis'],
    help: 'pacman -S valkey',
  },
  {
    program: 'brew',
    install: ['install', '--quiet'],
    packages: ['redis'],
    help: 'brew install redis',
    asUser: true,
  },
];

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');
const stampFile = path.join(modules, '.setup-stamp');
// outside node_modules, which npm deletes while the lock is held
const lockFile = path.join(root, '.volley', 'setup.lock');
const searchPath = withoutOwnPrograms(process.env.PATH ?? '');

class SetupError extends Error {}

const say = (text) => process.stderr.write(`setup: ${text}\n`);

/** npm puts node_modules/.bin first; what is about to be deleted and replaced must not run the replacing. */
function withoutOwnPrograms(searchPath) {
  const folders = searchPath.split(path.delimiter);
  return folders.filter((folder) => path.resolve(folder) !== path.join(modules, '.bin')).join(':');
}

function findProgram(names) {
  for (const name of names) {
    for (const folder of searchPath.split(path.delimiter)) {
      const file = path.join(folder || '.', name);
      try {
        fs.accessSync(file, fs.constants.X_OK);
        if (fs.statSync(file).isFile()) return file;
      } catch {
        // not in this folder
      }
    }
  }
  return undefined;
}

/** What the installed packages depend on, so that a change to a script or the version costs no installation. */
function wantedStamp() {
  const hash = createHash('sha256');
  const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  for (const field of ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides']) {
    hash.update(JSON.stringify([field, manifest[field] ?? null]));
  }
  hash.update(JSON.stringify([manifest.allowScripts ?? null, process.platform, process.arch]));
  hash.update(fs.readFileSync(path.join(root, 'package-lock.json')));
  return hash.digest('hex');
}

function packagesAreCurrent() {
  try {
    return fs.readFileSync(stampFile, 'utf8') === wantedStamp();
  } catch (error) {
    if (error.code === 'ENOENT' && error.path === stampFile) return false;
    throw error;
  }
}

const redisIsThere = () => Boolean(process.env.REDIS_URL) || findProgram(REDIS_PROGRAMS);

/** Ends the program under way, so that a signal ends it with us. */
let endChild;

/** `ownGroup`: a signal has to end what the program started as well. */
function run(program, args, { capture = false, ownGroup = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, PATH: searchPath },
      stdio: ['ignore', capture ? 'pipe' : 'ignore', capture ? 'pipe' : 'inherit'],
      detached: ownGroup,
    });
    if (child.pid) noteInLock(child.pid);
    endChild = (signal) => {
      if (ownGroup) process.kill(-child.pid, signal);
      else child.kill(signal);
      return new Promise((ended) => child.on('close', ended));
    };
    let output = '';
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      endChild = undefined;
      resolve({ ok: code === 0, how: signal ?? `exit code ${code}`, output: output.trim() });
    });
  });
}

async function installPackages() {
  say('installing the packages (npm ci)');
  fs.rmSync(stampFile, { force: true });
  // development packages are needed whatever NODE_ENV says: Node and the compiler are among them
  const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const installed = await run('npm', ['ci', ...flags], { ownGroup: true });
  if (!installed.ok) throw new SetupError(`npm ci failed (${installed.how})`);
  await checkNode();
  const temporary = `${stampFile}.${process.pid}`;
  fs.writeFileSync(temporary, wantedStamp());
  fs.renameSync(temporary, stampFile);
}

/**
 * The Node that comes as a package may be missing (npm told to run no install scripts) or not run here (it is built
 * for glibc). The machine's own then has to do, and must not be hidden by one that fails.
 */
async function checkNode() {
  const packaged = await versionOf(path.join(modules, 'node', 'bin', 'node'));
  if (packaged) return;
  const found = await versionOf('node');
  const [major, minor] = (found ?? 'v0.0').slice(1).split('.').map(Number);
  if (major < NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor < NODE_NEEDED[1])) {
    throw new SetupError(
      `expected Node ${NODE_NEEDED.join('.')} or newer, found ${found ?? 'none'}, and the one that npm installs ` +
        'does not run here. If npm ignores install scripts: npm_config_ignore_scripts=false npm run setup',
    );
  }
  fs.rmSync(path.join(modules, '.bin', 'node'), { force: true });
}

async function versionOf(node) {
  try {
    const { ok, output } = await run(node, ['--version'], { capture: true });
    return ok ? output : undefined;
  } catch {
    return undefined;
  }
}

async function installRedis() {
  const manager = PACKAGE_MANAGERS.find((each) => findProgram([each.program]));
  if (!manager) {
    throw new SetupError(
      'found no redis-server or valkey-server on the PATH, and no package manager that could install one. ' +
        'Install Redis 6.2 or newer, or set REDIS_URL to one that runs',
    );
  }
  const needsSudo = !manager.asUser && process.getuid?.() !== 0;
  const help = `${needsSudo ? 'sudo ' : ''}${manager.help}`;
  if (needsSudo && !(await maySudo())) {
    throw new SetupError(`found no redis-server on the PATH. This would help: ${help}`);
  }
  const asRoot = needsSudo ? ['sudo', '-n'] : [];
  const prefix = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', manager.program];
  const call = (args) => run(prefix[0], [...prefix.slice(1), ...args], { capture: true });

  let output = '';
  const attempt = async () => {
    for (const name of manager.packages) {
      ({ output } = await call([...manager.install, name]));
      if (redisIsThere()) return true;
    }
    return false;
  };
  say(`installing ${manager.packages[0]} with ${[...asRoot, manager.program].join(' ')}`);
  if (await attempt()) return;
  if (manager.refresh) {
    await call(manager.refresh);
    if (await attempt()) return;
  }
  const lastLine = output.split('\n').at(-1);
  throw new SetupError(
    `could not install a Redis (${lastLine}). This would help: ${help}; or set REDIS_URL to one that runs`,
  );
}

async function maySudo() {
  return (
    Boolean(findProgram(['sudo'])) && (await run('sudo', ['-n', 'true'], { capture: true })).ok
  );
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  try {
    // ended, but nobody has asked for its exit code; in a container without an init nobody ever does
    return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

let holdsLock = false;
let stopping = false;

/** The lock names its holder and the holder's children: a killed set-up may leave an npm that is still at work. */
async function takeLock() {
  fs.mkdirSync(path.dirname(lockFile), { recursive: true });
  const own = `${lockFile}.${process.pid}`;
  fs.writeFileSync(own, `${process.pid}\n`);
  try {
    for (let told = false; !holdsLock; ) {
      try {
        // a link appears at once and with its content, which a file that is created and then written does not
        fs.linkSync(own, lockFile);
        holdsLock = true;
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
        const holder = livingHolder();
        if (holder && !told) {
          told = true;
          say(
            `waiting for another set-up to end (process ${holder}; if there is none, remove ${lockFile})`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } finally {
    fs.rmSync(own, { force: true });
  }
}

/** The process that holds the lock; the lock of a dead one is taken away. */
function livingHolder() {
  const read = (file) => {
    try {
      return fs.readFileSync(file, 'utf8').trim().split('\n').map(Number);
    } catch {
      return [];
    }
  };
  const living = read(lockFile).find(isAlive);
  if (living) return living;
  const taken = `${lockFile}.stale.${process.pid}`;
  try {
    fs.renameSync(lockFile, taken);
    // another waiter may have been quicker, and this is then the lock of a set-up at work: it goes back
    if (read(taken).some(isAlive)) fs.linkSync(taken, lockFile);
  } catch {
    // gone already
  }
  fs.rmSync(taken, { force: true });
  return undefined;
}

function noteInLock(pid) {
  if (holdsLock) fs.appendFileSync(lockFile, `${pid}\n`);
}

function releaseLock() {
  if (!holdsLock) return;
  holdsLock = false;
  fs.rmSync(lockFile, { force: true });
  try {
    fs.rmdirSync(path.dirname(lockFile));
  } catch {
    // something else lives in it
  }
}

/** The lock goes only when the program under way has ended: the next set-up must not meet a dying npm. */
function stopOn(signal, exitCode) {
  process.once(signal, async () => {
    stopping = true;
    await endChild?.(signal);
    releaseLock();
    fs.rmSync(`${lockFile}.${process.pid}`, { force: true });
    process.exit(exitCode);
  });
}

async function main() {
  if (packagesAreCurrent() && redisIsThere()) return;
  stopOn('SIGINT', 130);
  stopOn('SIGTERM', 143);
  await takeLock();
  try {
    if (!packagesAreCurrent()) await installPackages();
    if (!redisIsThere()) await installRedis();
  } finally {
    releaseLock();
  }
}

try {
  await main();
} catch (error) {
  // a program that ended because we were told to stop has not failed
  if (!stopping) say(error instanceof SetupError ? error.message : error.stack);
  process.exitCode = 1;
}
