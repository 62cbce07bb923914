import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A field of a protobuf message: a number, or the place of its bytes. Fixed-width fields are passed over. */
export type Field = { number: number } & ({ value: number } | { start: number; end: number });

const BUFFER_BYTES = 65_536;

/** Walks through the fields of a protobuf file by seeking, so that gigabytes of weights are never read. */
export class ProtobufFile {
  readonly size: number;
  readonly #descriptor: number;
  readonly #buffer = Buffer.alloc(BUFFER_BYTES);
  #bufferStart = 0;
  #bufferLength = 0;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.size = fstatSync(this.#descriptor).size;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** @throws {Error} where the bytes are not a protobuf message, or end too early */
  *fields(start = 0, end = this.size): Generator<Field> {
    for (let at = start; at < end; ) {
      const key = this.#varint(at);
      const number = Math.floor(key.value / 8);
      const wire = key.value % 8;
      if (number < 1) throw new Error('不是 ONNX 文件');
      at = key.next;
      if (wire === 5) at += 4;
      else if (wire === 1) at += 8;
      else if (wire === 0) {
        const { value, next } = this.#varint(at);
        yield { number, value };
        at = next;
      } else if (wire === 2) {
        const { value: length, next } = this.#varint(at);
        if (length < 0 || next + length > end) throw new Error('文件不完整，或不是 ONNX 文件');
        yield { number, start: next, end: next + length };
        at = next + length;
      } else throw new Error('不是 ONNX 文件');
    }
  }

  /** The fields inside a field; none where it is a number. */
  inside(field: Field): Iterable<Field> {
    return 'start' in field ? this.fields(field.start, field.end) : [];
  }

  text(field: Field): string {
    if (!('start' in field)) return '';
    const bytes = Buffer.alloc(field.end - field.start);
    if (readSync(this.#descriptor, bytes, 0, bytes.length, field.start) !== bytes.length) {
      throw new Error('文件不完整');
    }
    return bytes.toString('utf8');
  }

  #varint(start: number): { value: number; next: number } {
    let value = 0n;
    let at = start;
    for (let shift = 0n; shift <= 63n; shift += 7n) {
      const byte = this.#byte(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return { value: Number(BigInt.asIntN(64, value)), next: at };
    }
    throw new Error('不是 ONNX 文件');
  }

  #byte(at: number): number {
    if (at < this.#bufferStart || at >= this.#bufferStart + this.#bufferLength) {
      this.#bufferStart = at;
      this.#bufferLength = readSync(this.#descriptor, this.#buffer, 0, BUFFER_BYTES, at);
      if (this.#bufferLength === 0) throw new Error('文件不完整');
    }
    return this.#buffer[at - this.#bufferStart] as number;
  }
}
