import { expect, test } from 'vitest';
import { strangeSettings } from '../../src/shared/config.ts';

const about = (name: string, value = 'x') => strangeSettings({ [name]: value });

test.each([
  ['VOLLEY_RATES', 'VOLLEY_RATE'],
  ['VOLLEY_RTAE', 'VOLLEY_RATE'],
  ['volley_rate', 'VOLLEY_RATE'],
  ['VOLEY_RATE', 'VOLLEY_RATE'],
  ['VOLLEY_RECIPIENTS_RATE', 'VOLLEY_RECIPIENT_RATE'],
  ['VOLLEY_LOGLEVEL', 'VOLLEY_LOG_LEVEL'],
  ['VOLLEY_BATCHSIZE', 'VOLLEY_BATCH_SIZE'],
  ['VOLLEY_REQUEST_TIMEOUT', 'VOLLEY_REQUEST_TIMEOUT_MS'],
  ['VOLLEY_TIMEOUT', 'VOLLEY_REQUEST_TIMEOUT_MS'],
  ['VOLLEY_RETENTION_DAYS', 'VOLLEY_RETAIN_DAYS'],
  ['VOLLEY_PREFIXES', 'VOLLEY_PREFIX'],
  ['ENGAGELAB_KEY', 'ENGAGELAB_DEV_KEY'],
  ['ENGAGELAB_API_KEY', 'ENGAGELAB_DEV_KEY'],
  ['ENGAGELAB_DEVSECRET', 'ENGAGELAB_DEV_SECRET'],
  ['ENGAGELABS_DEV_SECRET', 'ENGAGELAB_DEV_SECRET'],
  ['ENGAGELAB_URL', 'ENGAGELAB_BASE_URL'],
  ['ENGAGELAB_CAFILE', 'ENGAGELAB_CA_FILE'],
])('%s was to be %s', (name, meant) => {
  expect(about(name)).toEqual([`${name} is no setting; did you mean ${meant}?`]);
});

test.each(['VOLLEY_COLOUR', 'VOLLEY_', 'ENGAGELAB_WEBHOOK', 'VOLLEY_BACKOFF', 'VOLLEY_DELAY_MS'])(
  '%s could be anything',
  (name) => {
    expect(about(name)).toEqual([`${name} is no setting; volley worker --help lists them`]);
  },
);

test.each([
  'VOLLEY_RATE',
  'REDIS_URL',
  'REDIS_URI',
  'REDIS_PASSWORD',
  'VOLLEYBALL_RATE',
  'MY_VOLLEY_RATE',
  'RATE',
  'VOLLEY_TEST_DOCKER',
  'VOLLEY_CHAOS_CLOCK',
  // Of Kubernetes, where services are named volley and volley-redis.
  'VOLLEY_SERVICE_HOST',
  'VOLLEY_SERVICE_PORT',
  'VOLLEY_SERVICE_PORT_HTTP',
  'VOLLEY_PORT',
  'VOLLEY_PORT_6379_TCP',
  'VOLLEY_PORT_6379_TCP_ADDR',
  'VOLLEY_REDIS_SERVICE_HOST',
  'VOLLEY_REDIS_PORT_6379_TCP_PROTO',
])('%s is passed over', (name) => {
  expect(about(name)).toEqual([]);
});

test('one that is empty is not set, and no value is ever shown', () => {
  expect(about('VOLLEY_RATES', '')).toEqual([]);
  const lines = strangeSettings({ ENGAGELAB_SECRET: 's3cret', VOLLEY_RATES: '80', PATH: '/bin' });
  expect(lines).toHaveLength(2);
  expect(lines.join()).not.toMatch(/s3cret|80/);
});
