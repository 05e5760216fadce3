import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig, strangeSettings } from '../../src/shared/config.ts';
import { SECRETS } from '../../src/shared/secret-files.ts';
import { temporaryFolder } from '../support/programs.ts';

function refusal(environment: NodeJS.ProcessEnv): string {
  try {
    loadConfig(environment);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return '';
}

async function folderWith(files: Record<string, string>): Promise<(name: string) => string> {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return (name) => join(folder, name);
}

test('secrets are taken from files, without the end of their last line', async () => {
  const at = await folderWith({ key: 'k\n', secret: 's\r\n', password: ' p@ss/w#rd\n', user: 'u' });
  const config = loadConfig({
    ENGAGELAB_DEV_KEY_FILE: at('key'),
    ENGAGELAB_DEV_SECRET_FILE: at('secret'),
    REDIS_URL: 'redis://h/2',
    REDIS_USERNAME_FILE: at('user'),
    REDIS_PASSWORD_FILE: at('password'),
  });
  expect(config).toMatchObject({
    devKey: 'k',
    devSecret: 's',
    redisUrl: 'redis://u:%20p%40ss%2Fw%23rd@h:6379/2',
  });
  const url = await folderWith({ url: '\n redis://:x@h\n' });
  expect(loadConfig({ REDIS_URL_FILE: url('url') }).redisUrl).toBe('redis://:x@h:6379');
});

test('what is no file with a secret is refused with variable and path, never with what is in it', async () => {
  const at = await folderWith({
    empty: '\n',
    url: 'http://:geheim@h',
    long: 'geheim'.repeat(20_000),
  });
  await mkdir(at('folder'));
  const text = refusal({
    ENGAGELAB_DEV_KEY_FILE: at('none'),
    ENGAGELAB_DEV_SECRET_FILE: at('empty'),
    REDIS_PASSWORD_FILE: at('folder'),
    REDIS_USERNAME_FILE: at('long'),
    REDIS_URL_FILE: 'redis://:geheim@h',
  });
  expect(text).toContain(
    `ENGAGELAB_DEV_KEY_FILE: expected a file with the secret, got ${at('none')}`,
  );
  expect(text).toContain(`${at('empty')}: it is empty`);
  expect(text).toContain(`${at('folder')}: it is a folder`);
  expect(text).toContain(`${at('long')}: it has more than`);
  expect(text).toContain('REDIS_URL_FILE: expected a file with the secret, got a URL that is not');
  expect(text + refusal({ REDIS_URL_FILE: at('url') })).not.toContain('geheim');
});

test('a secret in two places is refused', async () => {
  const at = await folderWith({ secret: 'geheim' });
  const both = refusal({ REDIS_PASSWORD: 'geheim2', REDIS_PASSWORD_FILE: at('secret') });
  expect(both).toBe(
    'REDIS_PASSWORD_FILE: expected one of REDIS_PASSWORD and REDIS_PASSWORD_FILE, got both',
  );
  const twice = refusal({
    REDIS_URL: 'redis://a:geheim@h',
    REDIS_USERNAME: 'b',
    REDIS_PASSWORD: 'c',
  });
  expect(twice.split('\n').map((line) => line.split(':')[0])).toEqual([
    'REDIS_USERNAME',
    'REDIS_PASSWORD',
  ]);
  expect(refusal({ REDIS_URL: 'redis://geheim@h' })).toMatch(/^REDIS_URL: expected a password/);
  expect(refusal({ REDIS_USERNAME: 'b' })).toMatch(/^REDIS_USERNAME: expected REDIS_PASSWORD/);
  expect(both + twice + refusal({ REDIS_URL: 'redis://geheim@h' })).not.toContain('geheim');
});

test('the names of the files are settings', () => {
  const names = SECRETS.map((name) => [`${name}_FILE`, '/x'] as const);
  expect(strangeSettings(Object.fromEntries(names))).toEqual([]);
  expect(strangeSettings({ ENGAGELAB_DEV_SECRETS_FILE: 'x' })).toEqual([
    'ENGAGELAB_DEV_SECRETS_FILE is no setting; did you mean ENGAGELAB_DEV_SECRET_FILE?',
  ]);
});

test('a base URL with a secret in it is refused, and not shown', () => {
  const shown = [
    'https://user:geheim@x',
    'https://x/?token=geheim',
    'https://x/#geheim',
    'geheim@x',
    'x/?token=geheim',
  ];
  for (const url of shown) {
    const text = refusal({ ENGAGELAB_BASE_URL: url });
    expect(text).toMatch(/^ENGAGELAB_BASE_URL: expected a URL without a user/);
    expect(text).not.toContain('geheim');
  }
});
