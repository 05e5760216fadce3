/** A worker inside an app: it sends what is enqueued, and ends cleanly when the app is told to. */
import { createWorker } from 'volley';

const { ENGAGELAB_BASE_URL, ENGAGELAB_DEV_KEY, ENGAGELAB_DEV_SECRET, REDIS_URL, VOLLEY_PREFIX } =
  process.env;

const worker = createWorker({
  redis: REDIS_URL,
  prefix: VOLLEY_PREFIX,
  baseUrl: ENGAGELAB_BASE_URL,
  devKey: ENGAGELAB_DEV_KEY,
  devSecret: ENGAGELAB_DEV_SECRET,
  rate: 200,
  logLevel: 'warn',
});

worker.on('job', ({ campaign, job, ok, reason }) => {
  if (!ok) console.error(`${campaign}: ${job}: ${reason}`);
});
worker.on('detached', (campaign) => console.log(`${campaign}: finished`));

// Takes no new job, puts back what is not sent, waits for replies under way. Give it as long as the longest reply
// may take: in Kubernetes, terminationGracePeriodSeconds above 40.
process.once('SIGTERM', () => {
  void worker.stop().then(() => console.log('stopped'));
});
await worker.start();
console.log('started');
