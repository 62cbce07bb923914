/** Writes the part of ONNX (protobuf) that small graphs need. Field numbers are those of onnx.proto3. */
const IR_VERSION = 8;
const OPSET = 13;
export const FLOAT = 1;
export const INT64 = 7;
type ElementType = typeof FLOAT | typeof INT64;
type Dimension = number | string;
type Attribute = number | readonly number[];

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
}

const int = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);
function bytes(field: number, content: string | Buffer): Buffer {
  const data = Buffer.from(content as string);
  return Buffer.concat([varint(field * 8 + 2), varint(data.length), data]);
}
const message = (field: number, ...parts: Buffer[]): Buffer => bytes(field, Buffer.concat(parts));

function attribute(name: string, value: Attribute): Buffer {
  const content =
    typeof value === 'number'
      ? [int(3, value), int(20, 2)]
      : [...value.map((one) => int(8, one)), int(20, 7)];
  return message(5, bytes(1, name), ...content);
}

function tensor(
  name: string,
  type: ElementType,
  shape: readonly number[],
  values: readonly number[],
): Buffer {
  const data = type === FLOAT ? Float32Array.from(values) : BigInt64Array.from(values, BigInt);
  const raw = Buffer.from(data.buffer);
  return message(5, ...shape.map((size) => int(1, size)), int(2, type), bytes(8, name), bytes(9, raw));
}

function valueInfo(field: number, name: string, type: ElementType, shape: readonly Dimension[]): Buffer {
  const dimensions = shape.map((size) =>
    message(1, typeof size === 'number' ? int(1, size) : bytes(2, size)),
  );
  return message(field, bytes(1, name), message(2, message(1, int(1, type), message(2, ...dimensions))));
}

/** Builds a graph; operations return the name of their output. */
export class OnnxGraph {
  readonly #parts: Buffer[] = [];
  #names = 0;

  input(name: string, type: ElementType, shape: readonly Dimension[]): string {
    this.#parts.push(valueInfo(11, name, type, shape));
    return name;
  }

  output(name: string, type: ElementType, shape: readonly Dimension[]): void {
    this.#parts.push(valueInfo(12, name, type, shape));
  }

  ints(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant(INT64, shape, values);
  }

  floats(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#constant(FLOAT, shape, values);
  }

  op(
    type: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    out = this.#name(),
  ): string {
    this.#parts.push(
      message(
        1,
        ...inputs.map((input) => bytes(1, input)),
        bytes(2, out),
        bytes(3, `${type}_${out}`),
        bytes(4, type),
        ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      ),
    );
    return out;
  }

  /** The content of the model file. */
  model(name: string, metadata: Record<string, string | number>): Buffer {
    return Buffer.concat([
      int(1, IR_VERSION),
      message(7, bytes(2, name), ...this.#parts),
      message(8, bytes(1, ''), int(2, OPSET)),
      ...Object.entries(metadata).map(([key, value]) => message(14, bytes(1, key), bytes(2, String(value)))),
    ]);
  }

  #constant(type: ElementType, shape: readonly number[], values: readonly number[]): string {
    const name = this.#name();
    this.#parts.push(tensor(name, type, shape, values));
    return name;
  }

  #name(): string {
    return `t${this.#names++}`;
  }
}
