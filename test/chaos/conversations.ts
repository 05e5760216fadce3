/** What passes between a client and Redis, and between a worker and EngageLab, taken apart at the points to watch. */

import type { Conversation } from './network.ts';
import { POINTS_OF_STEP, type Watch } from './points.ts';
import { frameEnd, type Step, stepOf, wordsOf } from './resp.ts';

/** Each command waits at its point before it reaches Redis, and each reply at its point before it comes back. */
export function redisConversation(watch: Watch): Conversation {
  const asked: (Step | undefined)[] = [];
  const commands = new Frames();
  const replies = new Frames();
  return {
    async up(bytes, write) {
      for (const frame of commands.add(bytes)) {
        const step = stepOf(wordsOf(frame));
        if (step && (await watch(POINTS_OF_STEP[step].before)) === 'lose') return false;
        asked.push(step);
        await write(Buffer.from(frame, 'latin1'));
      }
      return true;
    },
    async down(bytes, write) {
      for (const frame of replies.add(bytes)) {
        const isPush = frame.startsWith('>');
        const step = isPush ? undefined : asked.shift();
        const isDone = step !== undefined && !/^[-!]/.test(frame);
        if (isDone && (await watch(POINTS_OF_STEP[step].after)) === 'lose') return false;
        await write(Buffer.from(frame, 'latin1'));
      }
      return true;
    },
  };
}

/** A request leaves in two halves, and so does its reply; one at a time, as the sender makes them. */
export function httpConversation(watch: Watch): Conversation {
  const request = new HttpMessage();
  const reply = new HttpMessage();
  return {
    async up(bytes, write) {
      const whole = request.add(bytes);
      if (whole === undefined) return true;
      const middle = whole.length >> 1;
      await write(whole.subarray(0, middle));
      if ((await watch('request half written')) === 'lose') return false;
      await write(whole.subarray(middle));
      return true;
    },
    async down(bytes, write) {
      const whole = reply.add(bytes);
      if (whole === undefined) return true;
      if ((await watch('request received')) === 'lose') return false;
      const middle = whole.length >> 1;
      await write(whole.subarray(0, middle));
      if ((await watch('reply half sent')) === 'lose') return false;
      await write(whole.subarray(middle));
      return (await watch('reply read')) === 'pass';
    },
  };
}

/** Puts frames together from the pieces that they arrive in. */
class Frames {
  #rest = '';

  add(bytes: Buffer): string[] {
    this.#rest += bytes.toString('latin1');
    const frames: string[] = [];
    let from = 0;
    for (;;) {
      const end = from < this.#rest.length ? frameEnd(this.#rest, from) : undefined;
      if (end === undefined) break;
      frames.push(this.#rest.slice(from, end));
      from = end;
    }
    this.#rest = this.#rest.slice(from);
    return frames;
  }
}

/** A message whose head tells its length. */
class HttpMessage {
  #bytes = Buffer.alloc(0);

  add(bytes: Buffer): Buffer | undefined {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const head = this.#bytes.indexOf('\r\n\r\n');
    if (head < 0) return undefined;
    const length = /^content-length: *(\d+)/im.exec(this.#bytes.toString('latin1', 0, head));
    const end = head + 4 + Number(length?.[1] ?? 0);
    if (this.#bytes.length < end) return undefined;
    const whole = this.#bytes;
    this.#bytes = Buffer.alloc(0);
    return whole;
  }
}
