import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What an ONNX file says about its model. */
export interface OnnxMetadata {
  /** `metadata_props`. */
  metadata: Record<string, string>;
  /** Shapes of the graph's outputs: a number for a fixed dimension, a name for another. */
  outputs: (number | string)[][];
}

/** Field numbers of onnx.proto3. */
const MODEL = { irVersion: 1, graph: 7, metadata: 14 };
const GRAPH_OUTPUT = 12;

/** Reads metadata and output shapes without reading the weights. @throws {Error} when the file is no ONNX model */
export function readOnnxMetadata(path: string): OnnxMetadata {
  const file = new ProtobufFile(path);
  try {
    if (file.size === 0) throw new Error('文件是空的');
    const model: OnnxMetadata = { metadata: {}, outputs: [] };
    let versions = 0;
    let graphs = 0;
    for (const field of file.fields()) {
      if (field.number === MODEL.irVersion && 'value' in field) versions++;
      if (field.number === MODEL.graph && 'start' in field) {
        graphs++;
        for (const inner of file.inside(field)) {
          if (inner.number === GRAPH_OUTPUT) model.outputs.push(shapeOf(file, inner));
        }
      }
      if (field.number === MODEL.metadata) {
        const [key = '', value = ''] = entryOf(file, field);
        model.metadata[key] = value;
      }
    }
    if (versions === 0 || graphs === 0) throw new Error('不是 ONNX 模型');
    return model;
  } finally {
    file.close();
  }
}

function entryOf(file: ProtobufFile, field: Field): string[] {
  const texts: string[] = [];
  for (const inner of file.inside(field)) texts[inner.number - 1] = file.text(inner);
  return texts;
}

/** Follows ValueInfo → type (2) → tensor type (1) → shape (2) → dimensions (1), each a value (1) or a name (2). */
function shapeOf(file: ProtobufFile, output: Field): (number | string)[] {
  const dimensions = [2, 1, 2, 1].reduce<Field[]>(
    (fields, number) =>
      fields.flatMap((field) => [...file.inside(field)].filter((inner) => inner.number === number)),
    [output],
  );
  return dimensions.map((dimension) => {
    const [first] = file.inside(dimension);
    if (!first) return '?';
    return 'value' in first ? first.value : file.text(first);
  });
}

/** A field of a protobuf message: a number, or the position of its bytes. Fixed-width fields are skipped. */
type Field = { number: number } & ({ value: number } | { start: number; end: number });

const BUFFER_BYTES = 65_536;

/** Reads the fields of a protobuf file by seeking, so that gigabytes of weights are not read. */
class ProtobufFile {
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

  /** @throws {Error} when the bytes are no protobuf message, or are truncated */
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

  /** The fields of an embedded message; none when the field is a number. */
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
