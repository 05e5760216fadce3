/** Writes zip archives for tests, part by part: a part may be longer than memory would hold, packed it may not. */
import { once } from 'node:events';
import { crc32, createDeflateRaw } from 'node:zlib';

export interface ZipPart {
  readonly name: string;
  /** In pieces, so that a part need not be in memory as a whole. */
  readonly text: Iterable<string | Buffer>;
  /** Default: packed. */
  readonly isStored?: boolean;
}

interface Packed {
  readonly bytes: Buffer;
  readonly length: number;
  readonly checksum: number;
}

export async function zipOf(parts: readonly ZipPart[]): Promise<Buffer> {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const packed = await pack(part);
    const name = Buffer.from(part.name);
    const facts = factsOf(packed, name.length, part.isStored ?? false);
    const body = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, name, packed.bytes]);
    directory.push(entryOf(facts, offset), name);
    bodies.push(body);
    offset += body.length;
  }
  const list = Buffer.concat(directory);
  return Buffer.concat([...bodies, list, endOf(parts.length, list.length, offset)]);
}

async function pack({ text, isStored }: ZipPart): Promise<Packed> {
  const deflate = createDeflateRaw({ level: 1 });
  const pieces: Buffer[] = [];
  deflate.on('data', (piece: Buffer) => pieces.push(piece));
  const ended = once(deflate, 'end');
  let length = 0;
  let checksum = 0;
  for (const piece of text) {
    const bytes = Buffer.from(piece);
    length += bytes.length;
    checksum = crc32(bytes, checksum);
    if (isStored) pieces.push(bytes);
    else if (!deflate.write(bytes)) await once(deflate, 'drain');
  }
  const whole = isStored ? Buffer.concat(pieces) : undefined;
  deflate.end();
  await ended;
  return { bytes: whole ?? Buffer.concat(pieces), length, checksum };
}

/** What the head of a part and its entry in the directory have in common. */
function factsOf({ bytes, length, checksum }: Packed, nameLength: number, isStored: boolean) {
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt16LE(isStored ? 0 : 8, 4);
  facts.writeUInt32LE(checksum, 10);
  facts.writeUInt32LE(bytes.length, 14);
  facts.writeUInt32LE(length, 18);
  facts.writeUInt16LE(nameLength, 22);
  return facts;
}

function entryOf(facts: Buffer, offset: number): Buffer {
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, rest]);
}

function endOf(count: number, length: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(length, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}
