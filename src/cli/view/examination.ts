/** What `volley doctor` found, in words, and how to mend it. */
import type { Finding } from '../../producer/producer.ts';
import { isOpenedByNameOnly } from '../../shared/lock-reasons.ts';
import { lockWords } from './campaign.ts';
import { megabytes, span } from './figures.ts';
import { troubleWords } from './fleet.ts';

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
    case 'version':
      return versionWords(finding);
    case 'memory':
      return memoryWords(finding);
    case 'persistence':
      return persistenceWords(finding);
    case 'writable':
      return [
        finding.error ?? `keys under ${finding.prefix}`,
        'REDIS_URL must name a primary with memory left, and a user that may write.',
      ];
    case 'workers':
      return workersWords(finding);
    case 'valve':
      return valveWords(finding);
    case 'clock of redis':
    case 'clock of EngageLab':
      return clockWords(finding);
    case 'credentials':
      return credentialsWords(finding);
    case 'engagelab':
      return [
        `${finding.baseUrl}: ${finding.error}`,
        'ENGAGELAB_BASE_URL must be reachable from here; a proxy or firewall may stand in the way.',
      ];
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
    "Its user in REDIS_URL must be allowed every command that BullMQ needs, on all of Volley's keys.",
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
    'Set the clocks by NTP: scheduled and expiring messages go by them.',
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
