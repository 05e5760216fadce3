import type { ChildProcess } from 'node:child_process';

/** So many lines say why a server has ended, or what it found when it started. */
const KEPT = 50;

/**
 * The last lines of what the server logs. It is read all the time, for a full pipe would block the
 * server.
 */
export class LogTail {
  /** Without those of white space. */
  readonly lines: string[] = [];
  ended = false;
  /** Resolves when the server, which alone holds the other ends, has ended. */
  readonly closed: Promise<void>;

  get last(): string {
    return this.lines.at(-1) ?? '';
  }

  constructor(child: ChildProcess) {
    const closed = Promise.withResolvers<void>();
    this.closed = closed.promise;
    let open = 0;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      open++;
      stream.setEncoding('utf8');
      let rest = '';
      stream.on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        const said = lines.map(withoutLogHead).filter((line) => line !== '');
        this.lines.push(...said);
        this.lines.splice(0, this.lines.length - KEPT);
      });
      stream.on('close', () => {
        open--;
        this.ended = open === 0;
        if (this.ended) closed.resolve();
      });
    }
  }
}

/** `1234:M 21 Nov 2025 22:12:00.000 # Failed listening` → `Failed listening` */
function withoutLogHead(line: string): string {
  return line.replace(/^\d+:[A-Z] .*?\d\d:\d\d:\d\d\.\d{3} [^\s] /, '').trim();
}
