/** The package as `npm pack` makes it, in a project of its own, with the dependencies of this one and no network. */
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { run } from '../support/programs.ts';
import { searchPath } from '../support/redis.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = [
  'bin',
  'src',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'README.md',
  'CHANGELOG.md',
];

const Manifest = z.object({ dependencies: z.record(z.string(), z.string()) });
const Packed = z.tuple([
  z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }),
]);

/** This Node before any other. */
export const programPath = `${dirname(process.execPath)}:${searchPath}`;

export interface PackedProject {
  folder: string;
  /** The paths in the package. */
  files: string[];
}

export async function packProject(): Promise<PackedProject> {
  const folder = await mkdtemp(join(tmpdir(), 'volley-packed-'));
  // Built from a copy, so that whatever else builds here meanwhile is not disturbed.
  const copy = join(folder, 'copy');
  for (const name of SOURCES) await cp(join(ROOT, name), join(copy, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const packed = await npm(copy, ['pack', '--json', '--pack-destination', folder]);
  const [{ filename, files }] = Packed.parse(JSON.parse(packed));

  const app = join(folder, 'app');
  const own = join(app, 'node_modules', 'volley');
  await mkdir(own, { recursive: true });
  await demand('tar', ['-xzf', join(folder, filename), '-C', own, '--strip-components=1'], folder);
  const { dependencies } = Manifest.parse(
    JSON.parse(await readFile(join(own, 'package.json'), 'utf8')),
  );
  for (const name of [...Object.keys(dependencies), 'fastify', '@types/node']) {
    const link = join(app, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), link);
  }
  await mkdir(join(app, 'node_modules', '.bin'));
  await symlink('../volley/bin/volley', join(app, 'node_modules', '.bin', 'volley'));
  await cp(join(ROOT, 'examples'), join(app, 'examples'), { recursive: true });
  return { folder: app, files: files.map(({ path }) => path) };
}

export async function removeProject({ folder }: PackedProject): Promise<void> {
  await rm(dirname(folder), { recursive: true, force: true });
}

/** The compiler of this project, run in that one. */
export function compile({ folder }: PackedProject, args: readonly string[]) {
  const env = { PATH: programPath };
  return run(join(ROOT, 'node_modules', '.bin', 'tsc'), args, { cwd: folder, env });
}

/** Without an update check, an audit or a log: none of them has anything to do here. */
function npm(folder: string, args: readonly string[]): Promise<string> {
  return demand('npm', [...args, '--offline', '--no-audit', '--loglevel=error'], folder);
}

async function demand(file: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run(file, args, {
    cwd,
    env: { PATH: programPath, HOME: cwd },
  });
  if (code !== 0) throw new Error(`${file} ${args.join(' ')}: exit ${code}\n${stderr}${stdout}`);
  return stdout;
}
