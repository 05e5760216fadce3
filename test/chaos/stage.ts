/**
 * All that takes part in one scenario, each of it able to fail: a Redis of its own, the stand-in for EngageLab, workers
 * and a producer as processes, and a proxy in every way between them. `strike` makes one of them fail.
 * Longer than 250 lines, because each part that may fail is told of by all the others.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../src/local-redis/embedded-redis.ts';
import {
  type FaultSettings,
  type RequestInfo,
  type Sandbox,
  startSandbox,
} from '../../src/sandbox/index.ts';
import type { OnUnconfirmed } from '../../src/shared/job.ts';
import { WorkerFleet } from '../support/workers.ts';
import { httpConversation, redisConversation } from './conversations.ts';
import { Network } from './network.ts';
import { Operator } from './operator.ts';
import { type Fate, isAtEngageLab, type Point } from './points.ts';
import { PASSWORD, type Right, setRights, USER } from './rights.ts';
import type { Witness } from './witness.ts';

export const VICTIMS = [
  'worker killed',
  'worker frozen',
  'Redis killed',
  'Redis frozen',
  'EngageLab down',
  'worker–Redis cut',
  'worker–Redis silent',
  'worker–EngageLab cut',
  'worker–EngageLab silent',
  'producer killed',
  'producer–Redis cut',
  'producer–Redis silent',
] as const;
export type Victim = (typeof VICTIMS)[number];

/** Shorter than what a frozen worker or a silent network lasts, so that its job is taken over meanwhile. */
const LOCK_MS = 1000;
const FROZEN_MS = 2500;
const AWAY_MS = 700;
const REQUEST_TIMEOUT_MS = 2000;
const STARTING_MS = 30_000;

export interface StageOptions {
  workers: number;
  concurrency: number;
  faults: FaultSettings;
  /** How long Redis's answers to workers take at least. */
  redisMs?: number | undefined;
  /** Further variables of the workers. */
  environment?: Record<string, string> | undefined;
  /** Workers reach EngageLab without a proxy, which would make a reset a close: its own points are not passed then. */
  isDirect?: boolean | undefined;
  /** The clock of a worker's machine that is wrong, or does not see that it was suspended. */
  clock?: Clock | undefined;
  /** Workers are a user of Redis of their own, whose rights can be taken. One that may not start is started again. */
  hasUser?: boolean | undefined;
  /** Told of every text. */
  witness?: Witness | undefined;
  /** For `redis-server`. */
  path: string;
  /** Of the workers. */
  logLevel: string;
  /** Told of every point passed, and where. */
  onPoint: (stage: Stage, point: Point, place: Place) => Fate | Promise<Fate>;
}

/** See `clock.ts`. `off`: by turns a day ahead and a day behind, worker by worker. */
export type Clock = 'monotonic' | 'wall' | 'off';
const CLOCK_MODULE = new URL('clock.ts', import.meta.url).href;

/** A worker by its number, or the producer. */
export type Place = number | 'producer';

export class Stage {
  readonly sandbox: Sandbox;
  /** Its own, should a port come to be used again by another. */
  readonly prefix = `chaos-${randomBytes(4).toString('hex')}`;
  readonly #options: StageOptions;
  readonly #folder: string;
  #redis: EmbeddedRedis;
  #isRedisDown = false;
  /** What the workers' user may not do at present. */
  #taken: Right | undefined;
  /** Of the worker at each place. */
  readonly #environments: Record<string, string>[] = [];
  readonly #toRedis: Network[] = [];
  readonly #toSandbox: Network[] = [];
  #producer: Operator | undefined;
  #fleet: WorkerFleet | undefined;
  /** Where a worker with another base URL sends. */
  #trial: Sandbox | undefined;
  /** What the present worker at each place has logged. */
  readonly #logs: string[] = [];
  #mending: Promise<unknown>[] = [];

  private constructor(
    options: StageOptions,
    folder: string,
    redis: EmbeddedRedis,
    sandbox: Sandbox,
  ) {
    this.#options = options;
    this.#folder = folder;
    this.#redis = redis;
    this.sandbox = sandbox;
  }

  static async open(options: StageOptions): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'volley-chaos-'));
    const redis = await startRedis(folder, options);
    const { witness } = options;
    const onRequest = ({ point, to }: RequestInfo) => {
      if (point === 'received') witness?.note(to);
    };
    const watched = witness && { onRequest };
    const sandbox = await startSandbox({ faults: options.faults, ...watched });
    return new Stage(options, folder, redis, sandbox);
  }

  /** Without a proxy: for whoever looks on. */
  get redisUrl(): string {
    return this.#redis.url;
  }

  async startWorkers(): Promise<void> {
    const { workers, concurrency, logLevel, clock, isDirect, environment } = this.#options;
    const { hasUser = false } = this.#options;
    for (let place = 0; place < workers; place++) {
      const watch = (point: Point) => this.#options.onPoint(this, point, place);
      const { redisMs } = this.#options;
      const redis = new Network(addressOf(this.redisUrl), () => redisConversation(watch), redisMs);
      const sandbox = new Network(addressOf(this.sandbox.url), () => httpConversation(watch));
      this.#toRedis.push(redis);
      this.#toSandbox.push(sandbox);
      const off = place % 2 === 0 ? 'ahead' : 'behind';
      this.#environments.push({
        ...(clock && { VOLLEY_CHAOS_CLOCK: clock === 'off' ? off : clock }),
        REDIS_URL: `redis://${hasUser ? `${USER}:${PASSWORD}@` : ''}127.0.0.1:${await redis.listen()}`,
        ENGAGELAB_BASE_URL: isDirect
          ? this.sandbox.url
          : `http://127.0.0.1:${await sandbox.listen()}`,
      });
    }
    this.#fleet = new WorkerFleet({
      redisUrl: this.redisUrl,
      prefix: this.prefix,
      baseUrl: this.sandbox.url,
      environment: {
        VOLLEY_LOG_LEVEL: logLevel,
        // Each worker has a proxy of its own before the one sandbox.
        VOLLEY_ALLOW_ORIGIN_CHANGE: isDirect ? '0' : '1',
        VOLLEY_RATE: '1000',
        VOLLEY_ATTEMPTS: '50',
        VOLLEY_BACKOFF_BASE_MS: '50',
        VOLLEY_BACKOFF_CAP_MS: '500',
        VOLLEY_LOCK_MS: String(LOCK_MS),
        VOLLEY_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
        VOLLEY_CONCURRENCY: String(concurrency),
        ...(clock && { NODE_OPTIONS: `--import ${CLOCK_MODULE}` }),
        ...environment,
      },
      isRestarted: hasUser,
      environmentAt: (place) => this.#environments[place] ?? {},
      onLog: (text, place) => {
        this.#logs[place] += text;
      },
    });
    for (let place = 0; place < workers; place++) this.#startWorker(place);
  }

  /** A worker beside the others, on the same Redis, whose base URL is another. */
  async startStranger(): Promise<void> {
    this.#trial = await startSandbox();
    const place = this.#environments.length;
    this.#environments.push({
      REDIS_URL: this.redisUrl,
      ENGAGELAB_BASE_URL: this.#trial.url,
      VOLLEY_ALLOW_ORIGIN_CHANGE: '0',
    });
    this.#startWorker(place);
    await this.workersUp();
  }

  /** Requests that came to where the stranger sends. */
  get strayed(): number {
    return this.#trial?.stats().requests ?? 0;
  }

  /** The one who gives commands: sends, pauses, replays. */
  async operator(): Promise<Operator> {
    if (this.#producer) return this.#producer;
    const watch = (point: Point) => this.#options.onPoint(this, point, 'producer');
    const network = new Network(addressOf(this.redisUrl), () => redisConversation(watch));
    this.#producer = await Operator.open(network, this.#options.path, this.prefix);
    return this.#producer;
  }

  /** As a person does: the same command again until it says that it is done. */
  async send(
    campaign: string,
    rows: Iterable<object>,
    policy: OnUnconfirmed,
    canary?: number,
  ): Promise<void> {
    const list = join(this.#folder, 'list.ndjson');
    const lines = Array.from(rows, (row) => `${JSON.stringify(row)}\n`);
    await writeFile(list, lines);
    const operator = await this.operator();
    const options = ['--campaign', campaign, '--on-unconfirmed', policy];
    if (canary !== undefined) options.push('--canary', String(canary));
    await operator.run('send', list, '--template', 'promo', ...options);
  }

  /** Resolves once it has failed; that it recovers is seen to. @returns what becomes of what was just under way */
  strike(victim: Victim, point: Point, place: Place): Promise<Fate> {
    const striking = this.#strike(victim, point, place);
    this.#mending.push(striking);
    return striking;
  }

  async #strike(victim: Victim, point: Point, place: Place): Promise<Fate> {
    const worker = place === 'producer' ? 0 : place;
    switch (victim) {
      case 'worker killed':
        await this.#fleet?.end(worker, 'SIGKILL');
        this.#startWorker(worker);
        return 'lose';
      case 'worker frozen':
        this.#fleet?.signal(worker, 'SIGSTOP');
        this.#mend(sleep(FROZEN_MS).then(() => this.#fleet?.signal(worker, 'SIGCONT')));
        return 'pass';
      case 'Redis killed':
        await this.#killRedis();
        return isAtEngageLab(point) ? 'pass' : 'lose';
      case 'Redis frozen':
        this.#freezeRedis();
        return 'pass';
      case 'EngageLab down':
        // Its connections break, and further ones are refused, for all workers.
        await this.sandbox.down();
        for (const proxy of this.#toSandbox) this.#cut(proxy, AWAY_MS);
        this.#mend(sleep(AWAY_MS / 2).then(() => this.sandbox.up()));
        return 'pass';
      case 'worker–Redis cut':
        return this.#cut(this.#toRedis[worker], 2 * LOCK_MS);
      case 'worker–EngageLab cut':
        return this.#cut(this.#toSandbox[worker], AWAY_MS);
      case 'producer–Redis cut':
        return this.#cut(this.#producer?.network, AWAY_MS);
      case 'worker–Redis silent':
        return this.#silence(this.#toRedis[worker], FROZEN_MS);
      case 'worker–EngageLab silent':
        return this.#silence(this.#toSandbox[worker], REQUEST_TIMEOUT_MS + 1000);
      case 'producer–Redis silent':
        return this.#silence(this.#producer?.network, 4 * FROZEN_MS);
      case 'producer killed':
        this.#producer?.kill();
        return 'lose';
    }
  }

  /** Workers are without it from now on, also after a Redis that is away just now has come back. */
  async takeRight(right: Right | undefined): Promise<void> {
    this.#taken = right;
    if (!this.#isRedisDown) await setUser(this.redisUrl, right);
  }

  /** Stops a worker as a machine is suspended, until it is woken. */
  suspend(place: Place): void {
    if (place !== 'producer') this.#fleet?.signal(place, 'SIGSTOP');
  }

  wake(place: Place): void {
    if (place !== 'producer') this.#fleet?.signal(place, 'SIGCONT');
  }

  /** Everything that failed has recovered. */
  async mended(): Promise<void> {
    while (this.#mending.length > 0) await Promise.all(this.#mending.splice(0));
  }

  /** The last lines of the workers' logs. */
  lastLogs(lines: number): string[] {
    return this.#logs.flatMap((log) => log.trimEnd().split('\n').slice(-lines));
  }

  /** Each of them says that it has started; or it does not get there. */
  async workersUp(): Promise<void> {
    const deadline = performance.now() + STARTING_MS;
    const areUp = () => this.#logs.every((log) => log.includes('worker started'));
    while (!areUp() && performance.now() < deadline) await sleep(50);
  }

  /** Once they are up: before that a signal simply ends them. @returns their exit codes */
  async stopWorkers(): Promise<(number | null)[]> {
    await this.workersUp();
    return (await this.#fleet?.endAll('SIGTERM')) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.mended();
    await this.#fleet?.endAll('SIGKILL');
    this.#producer?.kill();
    const proxies = [...this.#toRedis, ...this.#toSandbox, this.#producer?.network];
    await Promise.all(proxies.map((proxy) => proxy?.stop()));
    await this.sandbox.stop();
    await this.#trial?.stop();
    await this.#redis.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #startWorker(place: number): void {
    this.#logs[place] = '';
    this.#fleet?.start(place);
  }

  #mend(mending: Promise<void>): void {
    this.#mending.push(mending);
  }

  /** What passes there goes with its connection. */
  #cut(proxy: Network | undefined, ms: number): Fate {
    if (proxy) this.#mend(proxy.cut(ms));
    return 'pass';
  }

  #silence(proxy: Network | undefined, ms: number): Fate {
    if (proxy) this.#mend(proxy.silence(ms));
    return 'pass';
  }

  async #killRedis(): Promise<void> {
    if (this.#isRedisDown) return;
    this.#isRedisDown = true;
    process.kill(this.#redis.pid, 'SIGKILL');
    await this.#redis.ended;
    this.#mend(this.#restartRedis());
  }

  #freezeRedis(): void {
    if (this.#isRedisDown) return;
    const { pid } = this.#redis;
    process.kill(pid, 'SIGSTOP');
    const thaw = () => {
      // Else it was killed in its sleep.
      if (this.#redis.pid === pid && !this.#isRedisDown) process.kill(pid, 'SIGCONT');
    };
    this.#mend(sleep(FROZEN_MS).then(thaw));
  }

  async #restartRedis(): Promise<void> {
    const { port, stop } = this.#redis;
    await sleep(AWAY_MS);
    await stop();
    this.#redis = await startRedis(this.#folder, this.#options, port);
    this.#isRedisDown = false;
    if (this.#taken) await this.takeRight(this.#taken);
  }
}

async function startRedis(
  dir: string,
  { path, hasUser }: Pick<StageOptions, 'path' | 'hasUser'>,
  port?: number,
): Promise<EmbeddedRedis> {
  const redis = await startEmbeddedRedis({ path, dir, appendfsync: 'always', port });
  if (hasUser) await setUser(redis.url, undefined);
  return redis;
}

async function setUser(url: string, taken: Right | undefined): Promise<void> {
  const admin = new Redis(url);
  await setRights(admin, taken).finally(() => admin.disconnect());
}

function addressOf(url: string): { port: number; host: string } {
  const { port, hostname } = new URL(url);
  return { port: Number(port), host: hostname };
}
