/** What a test needs of the shared Redis. Each of these cleans up after itself when the test has finished. */
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { inject, onTestFinished } from 'vitest';

/** For tests that start a Redis or other programs of their own. */
export const { PATH: searchPath = '' } = process.env;

export function redisUrl(): string {
  return inject('redisUrl');
}

/** A prefix that no other test has. Its keys are deleted when the test, or the hook before it, has finished. */
export function testPrefix(): string {
  const prefix = randomPrefix();
  onTestFinished(() => deletePrefix(prefix));
  return prefix;
}

/** The same for one piece of work: a run of a property, or what several tests share. */
export async function withPrefix<T>(work: (prefix: string) => Promise<T>): Promise<T> {
  const prefix = randomPrefix();
  try {
    return await work(prefix);
  } finally {
    await deletePrefix(prefix);
  }
}

/** A client that is closed when the test has finished. */
export function connect(): Redis {
  const client = new Redis(redisUrl(), { maxRetriesPerRequest: null });
  onTestFinished(() => client.disconnect());
  return client;
}

function randomPrefix(): string {
  return `test-${randomBytes(6).toString('hex')}`;
}

async function deletePrefix(prefix: string): Promise<void> {
  const client = new Redis(redisUrl());
  try {
    for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1000 })) {
      if (keys.length > 0) await client.unlink(...keys);
    }
  } finally {
    client.disconnect();
  }
}
