import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packTar } from 'modern-tar';
import { writeToyModel } from '../../../local/asr/sherpa/testing/toy-model.ts';
import { bzip2 } from './bzip2.ts';

type Entry = Parameters<typeof packTar>[0][number];

export const fileEntry = (name: string, body: string | Uint8Array): Entry => {
  const data = typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body);
  return { header: { name, size: data.length, type: 'file' }, body: data };
};

/** Entries of an archive with the toy model, as published models have them: one folder. */
export function toyModelEntries(folder = 'toy-model'): Entry[] {
  const made = mkdtempSync(join(tmpdir(), 'toy-archive-'));
  try {
    writeToyModel(made);
    return [
      { header: { name: `${folder}/`, size: 0, type: 'directory' } },
      ...['model.onnx', 'tokens.txt'].map((name) =>
        fileEntry(`${folder}/${name}`, readFileSync(join(made, name))),
      ),
    ];
  } finally {
    rmSync(made, { recursive: true });
  }
}

/** A `.tar.bz2`. */
export const archiveOf = async (entries: readonly Entry[]): Promise<Uint8Array> =>
  bzip2(await packTar(entries));
