/**
 * The walls of the house: which room may import what, read from the sources; pure. What they are for stands in
 * docs/README.md.
 *
 * Longer than 250 lines, because its table has a line for each room.
 */
import { posix } from 'node:path';

/** Source files by their path under `src`, `worker/job/attempt.ts`, with their text. */
export type Sources = ReadonlyMap<string, string>;

const LONGEST_FILE_LINES = 250;
const MOST_FILES = 25;
/** One file a subcommand: there are as many as there are. */
const MAY_BE_LARGE = 'cli/commands';
const REASON = /longer than 250 lines, (because|for) /i;

const SHARED = [
  'shared',
  'shared/redis',
  'shared/ledger',
  'shared/replay',
  'shared/fleet',
  'shared/campaign',
];
const PRODUCER = [
  'producer/bytes',
  'producer/list',
  'producer/columns',
  'producer/rows',
  'producer/csv',
  'producer/workbook',
  'producer/number-list',
  'producer/phone',
  'producer/pack',
  'producer/texts',
  'producer/send',
  'producer/sent-before',
  'producer/notify',
  'producer/replay',
  'producer/control',
  'producer/report',
  'producer/opt-outs',
  'producer/connection',
  'producer/doctor',
];
const WORKER_ROOMS = [
  'worker/actor',
  'worker/job',
  'worker/request',
  'worker/pacing',
  'worker/health',
  'worker/trouble',
  'worker/upkeep',
];
/** Of `shared`, what whoever stands outside of the engine may know. */
const LEAVES = [
  'shared/config.ts',
  'shared/errors.ts',
  'shared/halt.ts',
  'shared/hindrance.ts',
  'shared/lock-reasons.ts',
  'shared/log.ts',
  'shared/name-list.ts',
  'shared/outcome.ts',
  'shared/shell.ts',
];
const DOOR = 'producer/producer.ts';
const CLI = [
  'cli/arguments',
  'cli/commands',
  'cli/completion',
  'cli/demo',
  'cli/process',
  'cli/send',
  'cli/suppress',
  'cli/terminal',
  'cli/view',
];
const OF_CLI = [
  ...CLI,
  ...LEAVES,
  DOOR,
  'worker/create-worker.ts',
  'sandbox/index.ts',
  // What --help lists, without what serves it.
  'sandbox/faults.ts',
  'local-redis',
];

/** What each room may import beside itself: rooms, or single files. A room that is not here is a breach itself. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  '': [
    DOOR,
    // For its first notification, a program is not to wait until that is loaded.
    'producer/notify/notifier.ts',
    'shared',
    'shared/fleet',
    'worker/campaign-worker.ts',
    'worker/create-worker.ts',
    'worker/worker.ts',
  ],

  shared: [],
  'shared/redis': ['shared'],
  'shared/ledger': ['shared', 'shared/redis'],
  'shared/fleet': ['shared', 'shared/redis'],
  'shared/replay': ['shared', 'shared/redis', 'shared/ledger'],
  'shared/campaign': ['shared', 'shared/redis', 'shared/ledger', 'shared/replay'],
  'shared/way': ['shared'],

  'producer/bytes': SHARED,
  'producer/columns': SHARED,
  'producer/rows': [...SHARED, 'producer/columns'],
  'producer/csv': [...SHARED, 'producer/bytes', 'producer/columns', 'producer/rows'],
  'producer/phone': SHARED,
  'producer/pack': SHARED,
  'producer/report': SHARED,
  'producer/connection': SHARED,
  'producer/doctor': [...SHARED, 'shared/way', 'producer/connection', 'producer/report'],
  'producer/workbook': SHARED,
  'producer/list': [
    ...SHARED,
    'producer/bytes',
    'producer/columns',
    'producer/rows',
    'producer/csv',
    'producer/phone',
    'producer/pack',
    'producer/workbook',
  ],
  'producer/notify': [
    ...SHARED,
    'producer/phone',
    'producer/pack',
    'producer/report',
    'producer/connection',
  ],
  'producer/replay': [...SHARED, 'producer/pack', 'producer/report'],
  'producer/texts': [...SHARED, 'producer/list'],
  'producer/number-list': [
    ...SHARED,
    'producer/columns',
    'producer/rows',
    'producer/list',
    'producer/phone',
  ],
  'producer/opt-outs': [
    ...SHARED,
    'producer/rows',
    'producer/list',
    'producer/number-list',
    'producer/phone',
  ],
  'producer/send': [
    ...SHARED,
    'producer/rows',
    'producer/list',
    'producer/number-list',
    'producer/opt-outs',
    'producer/pack',
    'producer/phone',
    'producer/report',
    'producer/sent-before',
    'producer/texts',
  ],
  'producer/sent-before': [...SHARED, 'producer/list', 'producer/report'],
  'producer/control': [...SHARED, 'producer/send', 'producer/report'],
  producer: [...SHARED, ...PRODUCER],

  'worker/request': [...SHARED, 'shared/way'],
  'worker/pacing': SHARED,
  'worker/trouble': SHARED,
  'worker/actor': ['shared', 'worker/trouble'],
  'worker/upkeep': [...SHARED, 'worker/actor', 'worker/pacing', 'worker/trouble'],
  'worker/health': [...SHARED, 'worker/actor', 'worker/request', 'worker/pacing'],
  'worker/job': [...SHARED, 'worker/request', 'worker/pacing', 'worker/health', 'worker/trouble'],
  worker: [...SHARED, ...WORKER_ROOMS],

  'local-redis': ['shared'],
  sandbox: ['shared'],
  cli: OF_CLI,
  ...Object.fromEntries(CLI.map((room) => [room, OF_CLI])),
};

/** Rooms and files from which no way of imports may lead to a package: what they decide, they decide without Redis. */
const WITHOUT_REDIS = ['worker/request/', 'producer/replay/choice.ts'];
const REDIS_PACKAGES = ['ioredis', 'bullmq'];

/** What only one place may do. */
const ONLY_IN = [
  { word: 'process.env', place: 'shared/config.ts', what: 'reads the environment' },
  { word: 'process.exit', place: 'cli/', what: 'ends the process' },
];

/** Every specifier: imports and exports, of types too, at the top and in the middle. */
export function importsOf(text: string): string[] {
  const from = text.matchAll(/^(?:import|export)\b[^;'"]*?\bfrom '([^']+)'/gm);
  const bare = text.matchAll(/^import '([^']+)'/gm);
  const inside = text.matchAll(/\bimport\('([^']+)'\)/g);
  return [...from, ...bare, ...inside].map(([, specifier = '']) => specifier);
}

/** What is broken, a line each: empty where every wall stands. */
export function breachesOf(sources: Sources): string[] {
  const graph = new Map([...sources].map(([file, text]) => [file, targetsOf(file, text)]));
  return [
    ...brokenWalls(graph),
    ...circlesIn(graph).map((circle) => `a circle of imports: ${circle.join(' → ')}`),
    ...waysToRedis(graph),
    ...largeFolders(sources),
    ...longFiles(sources),
    ...strayWords(sources),
  ];
}

type Graph = ReadonlyMap<string, readonly string[]>;

/** Files by their path under `src`, packages by their name. */
function targetsOf(file: string, text: string): string[] {
  const targets = importsOf(text).map((specifier) =>
    specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier,
  );
  return [...new Set(targets)];
}

function roomOf(file: string): string {
  const folder = posix.dirname(file);
  return folder === '.' ? '' : folder;
}

function* brokenWalls(graph: Graph): Generator<string> {
  for (const [file, targets] of graph) {
    const room = roomOf(file);
    const allowed = MAY_IMPORT[room];
    if (!allowed) yield `${file}: a room that has no wall: add it to test/walls/walls.ts`;
    for (const target of targets) {
      if (!target.endsWith('.ts')) continue;
      if (roomOf(target) === room || !allowed) continue;
      if (allowed.includes(roomOf(target)) || allowed.includes(target)) continue;
      yield `${file} imports ${target}: ${room || 'src'} may import ${allowed.join(', ') || 'nothing'}`;
    }
  }
}

/** One circle of each knot of files that import each other. */
function circlesIn(graph: Graph): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file);
    if (at >= 0) circles.push([...way.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    for (const target of graph.get(file) ?? []) walk(target, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return circles;
}

function* waysToRedis(graph: Graph): Generator<string> {
  for (const file of graph.keys()) {
    if (!WITHOUT_REDIS.some((start) => file.startsWith(start))) continue;
    const seen = new Set<string>([file]);
    for (const each of seen) for (const target of graph.get(each) ?? []) seen.add(target);
    const found = REDIS_PACKAGES.filter((name) => seen.has(name));
    if (found.length > 0) yield `${file}: a way of imports leads to ${found.join(' and ')}`;
  }
}

function* largeFolders(sources: Sources): Generator<string> {
  const counts = new Map<string, number>();
  for (const file of sources.keys()) {
    const room = roomOf(file);
    counts.set(room, (counts.get(room) ?? 0) + 1);
  }
  for (const [room, count] of counts)
    if (count > MOST_FILES && room !== MAY_BE_LARGE)
      yield `${room}: ${count} files, expected at most ${MOST_FILES}`;
}

/** A file that is longer than it may be, and says at its top why, is none. */
export function* longFiles(sources: Sources): Generator<string> {
  for (const [file, text] of sources) {
    const lines = text.trimEnd().split('\n');
    const top = lines.slice(0, 20).join(' ');
    if (lines.length > LONGEST_FILE_LINES && !REASON.test(top))
      yield `${file}: ${lines.length} lines, expected at most ${LONGEST_FILE_LINES}, or a reason at its top`;
  }
}

function* strayWords(sources: Sources): Generator<string> {
  for (const [file, text] of sources)
    for (const { word, place, what } of ONLY_IN)
      if (!file.startsWith(place) && text.includes(word))
        yield `${file} ${what}: only ${place} may`;
}
