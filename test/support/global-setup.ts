/**
 * One real Redis for the whole run: REDIS_URL, else a container where Docker answers, else a server of our own.
 * Tests share it, and keep out of each other's way by random prefixes.
 */
import type { TestProject } from 'vitest/node';
import { startEmbeddedRedis } from '../../src/local-redis/embedded-redis.ts';
import { describeError } from '../../src/shared/errors.ts';
import { dockerAnswers } from './docker.ts';

const IMAGE = 'redis:8-alpine';

interface SharedRedis {
  url: string;
  /** For the line that says which Redis is used. */
  name: string;
  stop(): Promise<unknown>;
}

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const redis = given() ?? (await fromContainer()) ?? (await fromProgram());
  console.log(`Redis for the tests: ${redis.name}`);
  project.provide('redisUrl', redis.url);
  return async () => {
    await redis.stop();
  };
}

function given(): SharedRedis | undefined {
  const { REDIS_URL: url } = process.env;
  return url ? { url, name: 'REDIS_URL', stop: async () => {} } : undefined;
}

async function fromContainer(): Promise<SharedRedis | undefined> {
  if (!(await dockerAnswers(process.env))) return undefined;
  // loaded only here: it takes a good part of a second
  const { GenericContainer, Wait } = await import('testcontainers');
  const flags = ['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction'];
  try {
    const container = await new GenericContainer(IMAGE)
      .withExposedPorts(6379)
      // outside the container's own loopback Redis refuses whoever comes without a password
      .withCommand(['redis-server', '--protected-mode', 'no', ...flags])
      .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
      .start();
    const url = `redis://${container.getHost()}:${container.getMappedPort(6379)}`;
    return { url, name: `${IMAGE} in a container`, stop: () => container.stop() };
  } catch (error) {
    console.log(`Docker answers, but ${IMAGE} did not start: ${describeError(error)}`);
    return undefined;
  }
}

async function fromProgram(): Promise<SharedRedis> {
  const { PATH: path = '' } = process.env;
  const redis = await startEmbeddedRedis({ path, appendfsync: 'everysec' });
  return { url: redis.url, name: 'a server of our own', stop: redis.stop };
}
