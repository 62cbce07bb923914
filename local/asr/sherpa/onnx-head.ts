import { type Field, ProtobufFile } from './protobuf-file.ts';

/** What an ONNX file says about itself. */
export interface OnnxHead {
  metadata: Record<string, string>;
  /** Shapes of the graph's outputs; a number where a dimension is fixed. */
  outputs: (number | string)[][];
}

/** Field numbers of onnx.proto3. */
const MODEL = { irVersion: 1, graph: 7, metadata: 14 };
const GRAPH_OUTPUT = 12;

/** Reads metadata and output shapes without touching the weights. @throws {Error} where it is no ONNX model */
export function readOnnxHead(path: string): OnnxHead {
  const file = new ProtobufFile(path);
  try {
    if (file.size === 0) throw new Error('文件是空的');
    const head: OnnxHead = { metadata: {}, outputs: [] };
    let versions = 0;
    let graphs = 0;
    for (const field of file.fields()) {
      if (field.number === MODEL.irVersion && 'value' in field) versions++;
      if (field.number === MODEL.graph && 'start' in field) {
        graphs++;
        for (const inner of file.inside(field)) {
          if (inner.number === GRAPH_OUTPUT) head.outputs.push(shapeOf(file, inner));
        }
      }
      if (field.number === MODEL.metadata) {
        const [key = '', value = ''] = entryOf(file, field);
        head.metadata[key] = value;
      }
    }
    if (versions === 0 || graphs === 0) throw new Error('不是 ONNX 模型');
    return head;
  } finally {
    file.close();
  }
}

function entryOf(file: ProtobufFile, field: Field): string[] {
  const texts: string[] = [];
  for (const inner of file.inside(field)) texts[inner.number - 1] = file.text(inner);
  return texts;
}

/** ValueInfo → type (2) → tensor type (1) → shape (2) → dimensions (1) → value (1) or name (2). */
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
