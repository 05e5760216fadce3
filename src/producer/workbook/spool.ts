/**
 * A workbook that comes through a pipe: the directory of a zip archive is at its end, so its bytes are laid into a
 * temporary file first. It has no name from the moment it is open: whatever ends the process, nothing is left.
 */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @returns the open file, for the caller to close */
export async function spool(bytes: AsyncIterable<Uint8Array>): Promise<FileHandle> {
  const path = join(tmpdir(), `volley-workbook-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
    for await (const piece of bytes) {
      for (let at = 0; at < piece.byteLength; ) {
        at += (await file.write(piece, at)).bytesWritten;
      }
    }
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
