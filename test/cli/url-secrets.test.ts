/** No command shows anything of a secret in a URL or beside it, however it is written, and whatever goes wrong. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { createProducer } from '../../src/producer/producer.ts';
import { temporaryFolder, writeAll } from '../support/programs.ts';
import { createScene, startOwnRedis, VOLLEY } from './scene.ts';

const COMMANDS = [['status'], ['doctor', '--json'], ['worker'], ['rate', '5', '--json']];
const odd = fc.string({
  unit: fc.constantFrom(...'@:/?#%[]&=+ \\"\'$z7Q'),
  minLength: 1,
  maxLength: 6,
});

const core = fc.string({
  unit: fc.constantFrom(...'0123456789abcdef'),
  minLength: 16,
  maxLength: 16,
});
/** A word that stands nowhere else; the odd characters around it end a URL in every place. */
const secret = fc.tuple(odd, core, odd);

/** The environments in which a secret may go astray. */
function environments(redis: string, base: string, port: number, file: string) {
  const at = `127.0.0.1:${port}`;
  const encoded = encodeURIComponent(redis);
  const away = { REDIS_URL: `redis://${encoded}:${encoded}@127.0.0.1:1` };
  return [
    // As it should be, and so for a database that there is not; wrong; away.
    { REDIS_URL: `redis://:${encoded}@${at}` },
    { REDIS_URL: `redis://${at}/99`, REDIS_PASSWORD_FILE: file },
    { REDIS_URL: `redis://${encoded}:${encoded}x@${at}` },
    away,
    // Not encoded; in a place that is none of its; in two places.
    { REDIS_URL: `redis://:${redis}@${at}` },
    { REDIS_URL: `redis://${at}/${redis}` },
    { REDIS_URL_FILE: `redis://:${redis}@${at}` },
    { REDIS_URL: `redis://:${encoded}@${at}`, REDIS_PASSWORD: redis, REDIS_TLS_KEY: redis },
    { ...away, ENGAGELAB_BASE_URL: `https://user:${base}@127.0.0.1` },
    { ...away, ENGAGELAB_BASE_URL: `127.0.0.1/?key=${base}` },
  ];
}

/** Everything that a command prints; of a worker, which goes on for ever, what it says first. */
async function printedBy(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(VOLLEY, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const saysMore = () => setTimeout(() => child.kill('SIGKILL'), 500);
  if (args[0] === 'worker') child.stderr.once('data', saysMore);
  const printed = await Promise.all([text(child.stdout), text(child.stderr)]);
  return printed.join('\n');
}

/** What a program sees of an error that it logs in every detail. */
async function seenBy(redis: string): Promise<string> {
  await using producer = createProducer({ redis });
  const thrown = await producer.status('spring').catch((error: unknown) => error);
  return inspect(thrown, { depth: 20, showHidden: true });
}

test('whatever the secrets, no command and no error tells them', async () => {
  const { env } = await createScene();
  const { port, admin } = await startOwnRedis();
  const folder = await temporaryFolder();
  await fc.assert(
    fc.asyncProperty(
      secret,
      secret,
      fc.nat(COMMANDS.length - 1),
      async (ofRedis, ofBase, first) => {
        const [redis, base] = [ofRedis.join(''), ofBase.join('')];
        await admin.config('SET', 'requirepass', redis);
        await admin.auth(redis);
        await writeAll(folder, { secret: `${redis}\n` });
        const rest = { ...env, REDIS_URL: undefined, VOLLEY_LOG_LEVEL: 'trace' };
        const all = environments(redis, base, port, join(folder, 'secret')).map((own, index) => {
          const args = COMMANDS[(index + first) % COMMANDS.length] ?? [];
          return printedBy(args, { ...rest, ...own });
        });
        const wrong = `redis://:${encodeURIComponent(redis)}x@127.0.0.1:${port}`;
        const printed = await Promise.all([...all, seenBy(wrong)]);
        expect(printed.filter((each) => each.trim() === '')).toEqual([]);
        for (const each of printed) {
          expect(each).not.toContain(ofRedis[1]);
          expect(each).not.toContain(ofBase[1]);
        }
      },
    ),
    // A run is ten processes: the odd characters, and which command meets which environment, change with each
    // `npm test`. A smaller secret would tell no more.
    { numRuns: 1, endOnFailure: true },
  );
}, 120_000);
