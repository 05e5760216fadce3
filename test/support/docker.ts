import { existsSync } from 'node:fs';
import http from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';

const TIMEOUT_MS = 700;

/** Whether a Docker engine answers, at the places where testcontainers would look for one. Under a second. */
export async function dockerAnswers(env: NodeJS.ProcessEnv): Promise<boolean> {
  const { DOCKER_HOST: given, XDG_RUNTIME_DIR: runtime } = env;
  if (given?.startsWith('unix://')) return ping({ socketPath: given.slice('unix://'.length) });
  if (given?.startsWith('tcp://')) {
    const { hostname, port } = new URL(given);
    return ping({ hostname, port });
  }
  const sockets = [
    '/var/run/docker.sock',
    ...(runtime ? [join(runtime, 'docker.sock')] : []),
    join(homedir(), '.docker', 'run', 'docker.sock'),
    join(homedir(), '.docker', 'desktop', 'docker.sock'),
    `/run/user/${process.getuid?.()}/docker.sock`,
  ];
  const socketPath = sockets.find((file) => existsSync(file));
  return socketPath !== undefined && ping({ socketPath });
}

function ping(where: http.RequestOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ ...where, path: '/_ping', timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
    request.on('close', () => resolve(false));
  });
}
