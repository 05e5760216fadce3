/** What `volley doctor` found, in words, and how to mend it. */
import type { Finding } from '../../producer/producer.ts';
import { isOpenedByNameOnly } from '../../shared/lock-reasons.ts';
import { lockWords } from './campaign.ts';
import { megabytes, span } from './figures.ts';
import { clockOffWords, troubleWords } from './fleet.ts';
import { engageLabWords, nameWords, proxyWords, tlsWords } from './way.ts';

export interface Check {
  check: string;
  status: 'ok' | 'warning' | 'failed';
  detail: string;
  /** What to do about it; null where all is well. */
  mend: string | null;
}

export function checkOf(finding: Finding): Check {
  const { check, status } = finding;
  const [detail, mend] = wordsOf(finding);
  return { check, status, detail, mend: status === 'ok' ? null : mend };
}

/** What was found, and what to do about it where it is not well. */
type Words = readonly [detail: string, mend: string];
type Of<Check extends Finding['check']> = Extract<Finding, { check: Check }>;

function wordsOf(finding: Finding): Words {
  switch (finding.check) {
    case 'redis':
      return redisWords(finding);
    case 'rights':
      return [finding.lack?.what ?? 'all that Volley needs', finding.lack?.mend ?? ''];
    case 'version':
      return versionWords(finding);
    case 'memory':
      return memoryWords(finding);
    case 'persistence':
      return persistenceWords(finding);
    case 'writable':
      return [
        finding.error ?? `keys under ${finding.prefix}`,
        'REDIS_URL must name a primary that takes writes.',
      ];
    case 'origin':
      return originWords(finding);
    case 'workers':
      return workersWords(finding);
    case 'clock of workers':
      return workerClockWords(finding);
    case 'valve':
      return valveWords(finding);
    case 'clock of redis':
    case 'clock of EngageLab':
      return clockWords(finding);
    case 'credentials':
      return credentialsWords(finding);
    case 'name':
      return nameWords(finding);
    case 'proxy':
      return proxyWords(finding);
    case 'engagelab':
      return engageLabWords(finding);
    case 'tls':
      return tlsWords(finding);
  }
}

function redisWords(finding: Of<'redis'>): Words {
  if (finding.found === 'there') return [finding.at, ''];
  const mends = {
    refused: 'Mend REDIS_URL, as in redis://:PASSWORD@host:6379.',
    away: 'Start it (volley up starts one), or set REDIS_URL to where it is.',
    newer: 'Upgrade this Volley; what lies there is not for it.',
    forbidden: "The user in REDIS_URL must be allowed INFO, TIME and all of Volley's keys.",
  };
  return [finding.error, mends[finding.found]];
}

function versionWords({ status, version, oldest }: Of<'version'>): Words {
  const detail = status === 'ok' ? version : `expected ${oldest} or newer, got ${version}`;
  return [detail, 'Upgrade Redis; older ones lack commands that BullMQ needs.'];
}

function memoryWords({ policy, used, limit }: Of<'memory'>): Words {
  if (policy !== 'noeviction') {
    return [
      `expected maxmemory-policy noeviction, got ${policy}: Redis may drop jobs and ledgers`,
      'redis-cli CONFIG SET maxmemory-policy noeviction, and the same in its configuration file.',
    ];
  }
  const room = limit === 0 ? 'no limit of its own' : `of ${megabytes(limit)}`;
  return [
    `${megabytes(used)} used, ${room}, noeviction`,
    'It is nearly full, and then takes nothing more: raise maxmemory.',
  ];
}

function persistenceWords({ status, isKept, fsync }: Of<'persistence'>): Words {
  if (!isKept) {
    return [
      'no append-only file: after a crash of Redis nobody knows what was sent',
      'redis-cli CONFIG SET appendonly yes, and the same in its configuration file.',
    ];
  }
  const risk = status === 'ok' ? '' : ': a crash of Redis may lose what it had acknowledged last';
  return [
    `append-only file, fsync ${fsync ?? 'unknown'}${risk}`,
    'redis-cli CONFIG SET appendfsync always; without it somebody may be texted twice after a crash.',
  ];
}

function workersWords({ running, troubled, now }: Of<'workers'>): Words {
  if (running === 0) return ['none is running', 'Start one: volley worker, or volley up.'];
  if (!troubled?.trouble) return [`${running} running`, ''];
  const { id, host, trouble } = troubled;
  return [
    `${running} running; ${id} on ${host} ${troubleWords(trouble, now)}`,
    "volley doctor with that worker's REDIS_URL names what its user lacks, and how to give it.",
  ];
}

function originWords({ own, workers }: Of<'origin'>): Words {
  const [only, ...others] = workers;
  if (others.length > 0)
    return [
      `the workers send to ${workers.join(' and to ')}`,
      'Stop those with the wrong ENGAGELAB_BASE_URL: what is begun at one origin no other goes on with.',
    ];
  if (only === own) return [`the workers send to ${own}`, ''];
  return [
    `the workers send to ${only}, and ENGAGELAB_BASE_URL here names ${own}`,
    'Set ENGAGELAB_BASE_URL alike on every machine.',
  ];
}

function workerClockWords({ off }: Of<'clock of workers'>): Words {
  const each = off.map(
    ({ id, host, clock_off_ms = 0 }) => `${id} on ${host}: ${clockOffWords(clock_off_ms)}`,
  );
  return [
    each.join('; '),
    "Set the clocks by NTP. Nothing is sent early or late for it, since Redis's clock decides; but those workers' logs tell wrong times.",
  ];
}

function valveWords({ locks }: Of<'valve'>): Words {
  const named = locks.find(({ reason }) => isOpenedByNameOnly(reason));
  return [
    locks.length === 0 ? 'open' : `locked: ${locks.map(lockWords).join('; ')}`,
    named
      ? `Mend that, and open it: volley release --reason ${named.reason}`
      : 'It opens by itself, or by volley release; volley status tells more.',
  ];
}

function clockWords({ status, apartMs }: Of<'clock of redis' | 'clock of EngageLab'>): Words {
  return [
    status === 'ok'
      ? 'agrees with this machine'
      : `${span(apartMs / 1000)} apart from this machine`,
    "Set the clocks by NTP: what starts, is due or expires goes by Redis's clock, what is scheduled at EngageLab by EngageLab's.",
  ];
}

function credentialsWords({ status, baseUrl, httpStatus }: Of<'credentials'>): Words {
  if (httpStatus === undefined) {
    return [
      'ENGAGELAB_DEV_KEY and ENGAGELAB_DEV_SECRET are not set',
      "Set them to your account's key and secret, from EngageLab's console.",
    ];
  }
  if (status === 'failed') {
    return [
      `${baseUrl} refuses them (HTTP ${httpStatus})`,
      'Compare ENGAGELAB_DEV_KEY and ENGAGELAB_DEV_SECRET with the console; the key must be allowed to send SMS.',
    ];
  }
  if (status === 'ok') return [`${baseUrl} takes them`, ''];
  return [
    `${baseUrl} answered HTTP ${httpStatus} to an empty request, so nothing is known of them`,
    'Is ENGAGELAB_BASE_URL right? Try again later.',
  ];
}
