/**
 * Messages whose request changes: their numbers move to messages of new jobs, since a job's data say what was sent to
 * the others in it. Gathers until there is enough for a job, and moves parents and new messages in one step.
 */
import type { CampaignHandle } from '../../shared/campaign/handle.ts';
import { type Job, jobIdAt, type Message, positionOf } from '../../shared/job.ts';
import { UNTOUCHED } from '../../shared/ledger/entry.ts';
import { encodeParents, encodeRanges, type Range } from '../../shared/replay/fields.ts';
import { type Child, type MoveResult, moveNumbers, type Parent } from '../../shared/replay/move.ts';
import type { Taking } from '../../shared/replay/steps.ts';
import { newJob } from '../pack/new-job.ts';
import { type Pack, Packer } from '../pack/packer.ts';
import type { StoredJob } from '../report/stored-jobs.ts';
import type { ReplayChoice } from './choice.ts';
import { countUnsure } from './plan.ts';

/** New messages moved in one step; a parent is never divided between two. */
const ENOUGH = 100;

/** A message whose numbers move. */
export interface Move extends Taking {
  jobId: string;
  job: Job;
  /** Attempts that may have been sent without our knowing: the new messages must not forget them. */
  unsure: number;
}

/** A message of a job as a replay takes it, whether it moves or stays. */
export function moveOf({ id, job, entries, fields }: StoredJob, index: number): Move {
  const text = fields[index];
  const entry = entries[index] ?? UNTOUCHED;
  return {
    jobId: id,
    job,
    index,
    numbers: job.messages[index]?.[0].length ?? 0,
    head: text?.slice(0, text.indexOf(';')) ?? '',
    // Nobody knows which of its numbers were accepted: it may be any of them.
    unsure: countUnsure(entry, fields, index),
  };
}

/** A parent with the messages that get its numbers. */
interface Family extends Move {
  children: Message[];
}

export interface Moved {
  messages: number;
  recipients: number;
  result: Exclude<MoveResult, 'place'>;
}

export class Moves {
  readonly #campaign: CampaignHandle;
  readonly #chapter: number;
  readonly #choice: ReplayChoice;
  readonly #now: number;
  #families: Family[] = [];
  #children = 0;
  /** What the gathered messages' new jobs have in common, as JSON. */
  #common = '';

  /** @param now Unix ms, by Redis's clock */
  constructor(campaign: CampaignHandle, chapter: number, choice: ReplayChoice, now: number) {
    this.#campaign = campaign;
    this.#chapter = chapter;
    this.#choice = choice;
    this.#now = now;
  }

  /** @returns what was moved because of it: nothing while there is not enough */
  async add(move: Move): Promise<Moved[]> {
    const moved: Moved[] = [];
    const common = JSON.stringify(this.#newJob(move.job, []));
    if (common !== this.#common) moved.push(...(await this.flush()));
    this.#common = common;
    const children = childrenOf(move.job, move.index, this.#choice);
    this.#families.push({ ...move, children });
    this.#children += children.length;
    if (this.#children >= ENOUGH) moved.push(...(await this.flush()));
    return moved;
  }

  async flush(): Promise<Moved[]> {
    const families = this.#families;
    const [first] = families;
    this.#families = [];
    this.#children = 0;
    if (!first) return [];
    const packs: Pack[] = [];
    const packer = new Packer();
    for (const { children } of families) for (const child of children) packer.add(child, packs);
    packer.flush(packs);
    const { redis, own } = this.#campaign;
    for (;;) {
      const { jobs = 0 } = (await this.#campaign.find()) ?? {};
      const result = await moveNumbers(
        redis,
        own,
        this.#chapter,
        jobs,
        this.#parentsOf(families, packs, jobs),
        this.#jobsOf(families, packs, jobs, first.job),
      );
      if (result === 'place') continue;
      const recipients = families.reduce((sum, { numbers }) => sum + numbers, 0);
      return [{ messages: families.length, recipients, result }];
    }
  }

  #parentsOf(families: readonly Family[], packs: readonly Pack[], position: number): Parent[] {
    const places = packs.flatMap((pack, at) =>
      pack.map((_message, index) => ({ position: position + at, index })),
    );
    let next = 0;
    return families.map(({ children, jobId, index, numbers, head }) => {
      const own = places.slice(next, next + children.length);
      next += children.length;
      return { jobId, index, numbers, head, to: encodeRanges(rangesOf(own)) };
    });
  }

  #jobsOf(
    families: readonly Family[],
    packs: readonly Pack[],
    position: number,
    parent: Job,
  ): Child[] {
    const familyOf = families.flatMap((family) => family.children.map(() => family));
    let next = 0;
    return packs.map((messages, at) => {
      const own = familyOf.slice(next, next + messages.length);
      next += messages.length;
      return {
        jobId: jobIdAt(this.#campaign.id, position + at),
        data: JSON.stringify(newJob(this.#newJob(parent, messages))),
        from: encodeParents(countRuns(this.#campaign.id, own)),
        entries: own.map(({ unsure }) => `p,${this.#chapter},0,0,${unsure},,0,,;`),
      };
    });
  }

  #newJob(job: Job, messages: Message[]): Job {
    const { template = job.template, params = {}, notAfter } = this.#choice;
    const { not_after: before, ...rest } = job;
    // One that has passed would only expire what is replayed once more.
    const isOver = before !== undefined && before <= this.#now;
    const not_after = notAfter ?? (isOver ? undefined : before);
    return {
      ...rest,
      ...(not_after !== undefined && { not_after }),
      template,
      params: namesWith(job, params),
      messages,
    };
  }
}

function namesWith(job: Job, params: Readonly<Record<string, string>>): string[] {
  return [...job.params, ...Object.keys(params).filter((name) => !job.params.includes(name))];
}

/** The messages that get a message's numbers: all of them, each once, in their order. */
function childrenOf(job: Job, index: number, { split, params = {} }: ReplayChoice): Message[] {
  const [to = [], values = []] = job.messages[index] ?? [];
  const newValues = namesWith(job, params).map((name, at) =>
    Object.hasOwn(params, name) ? (params[name] ?? '') : (values[at] ?? ''),
  );
  const size = split ?? to.length;
  const children: Message[] = [];
  for (let first = 0; first < to.length; first += size)
    children.push([to.slice(first, first + size), newValues]);
  return children;
}

function rangesOf(places: readonly { position: number; index: number }[]): Range[] {
  const ranges: Range[] = [];
  for (const { position, index } of places) {
    const last = ranges.at(-1);
    if (last?.position === position) last.last = index;
    else ranges.push({ position, first: index, last: index });
  }
  return ranges;
}

/** How many messages in a row come from one parent. */
function countRuns(id: string, parents: readonly Move[]) {
  const runs: { count: number; position: number; index: number }[] = [];
  for (const { jobId, index } of parents) {
    const position = positionOf(id, jobId) ?? 0;
    const last = runs.at(-1);
    if (last?.position === position && last.index === index) last.count += 1;
    else runs.push({ count: 1, position, index });
  }
  return runs;
}
