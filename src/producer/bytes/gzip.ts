/**
 * Unpacks gzip as it streams: of one member or of several, one after the other, as `gzip` and log shippers write them.
 * What is cut short, damaged or followed by anything but padding is an error, for rows would be missing.
 */
import { createGunzip, type Gunzip } from 'node:zlib';
import { VolleyError } from '../../shared/errors.ts';
import { countOf } from './utf8.ts';

const PIECE_BYTES = 64 * 1024;

export function isGzip(beginning: Buffer): boolean {
  return beginning[0] === 0x1f && beginning[1] === 0x8b;
}

/**
 * However much comes of a piece, it is unpacked only as fast as it is taken.
 * @throws VolleyError `bad_input`
 */
export async function* gunzipped(
  pieces: AsyncIterable<Buffer>,
  name: string,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  const feeding = feed(pieces, gunzip).catch((error: unknown) => {
    gunzip.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  // Both are waited for, and may fail before or after.
  feeding.catch(() => {});
  gunzip.on('error', () => {});
  let line = 1;
  try {
    for await (const piece of gunzip) {
      yield piece;
      line += countOf(piece, 10);
    }
    await feeding;
  } catch (error) {
    const why = whyOf(error);
    if (why === undefined) throw error;
    const where = `it came to line ${line}, after ${gunzip.bytesWritten} bytes of the file`;
    throw new VolleyError('bad_input', `${name}: expected a whole gzip, got ${why}; ${where}`, {
      cause: error,
    });
  } finally {
    gunzip.destroy();
  }
}

async function feed(pieces: AsyncIterable<Buffer>, gunzip: Gunzip): Promise<void> {
  const over = new Promise<void>((resolve) => gunzip.once('end', resolve).once('close', resolve));
  let given = 0;
  let isOver = false;
  for await (const piece of pieces) {
    let rest = piece;
    if (!isOver) {
      // A copy: the piece holds only until the next is asked for, and may be unpacked after that.
      const copy = Buffer.from(piece);
      given += copy.length;
      await Promise.race([new Promise((resolve) => gunzip.write(copy, resolve)), over]);
      const isGivenUp = gunzip.destroyed && !gunzip.readableEnded;
      if (isGivenUp || gunzip.errored) return;
      // It takes nothing of what follows zeros behind a member.
      isOver = given > gunzip.bytesWritten;
      rest = piece.subarray(piece.length - (given - gunzip.bytesWritten));
    }
    refuseAfterEnd(rest);
  }
  gunzip.end();
}

class AfterEnd extends Error {}

function refuseAfterEnd(rest: Buffer): void {
  if (!rest.every((byte) => byte === 0)) throw new AfterEnd('more bytes behind a gzip');
}

/** Of an error that is not the gzip's, undefined. */
function whyOf(error: unknown): string | undefined {
  if (error instanceof AfterEnd) return 'one that something else follows';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR') return 'one that is cut short';
  return code === 'Z_DATA_ERROR' ? 'one that is damaged' : undefined;
}
