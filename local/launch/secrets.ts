import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';

const text = v.pipe(v.string(), v.minLength(8));
const secretsSchema = v.object({
  /** Signs tickets: shared by the function `ticket`, the container and `npm run ticket`. */
  ticketSecret: v.pipe(v.string(), v.minLength(32)),
  /** What the SDKs sign their requests to the local CloudBase with. */
  cloudbase: v.object({ secretId: text, secretKey: text }),
  /** The account at the local speech service. */
  asr: v.object({ appId: v.pipe(v.string(), v.regex(/^\d+$/)), secretId: text, secretKey: text }),
});
export type LocalSecrets = v.InferOutput<typeof secretsSchema>;

const random = (bytes: number): string => randomBytes(bytes).toString('hex');

export const secretsPath = (dataDir: string): string => join(dataDir, 'secrets.json');

/**
 * The secrets of a data folder; made at its first use, readable by its owner only.
 * @throws Error when the file is there and cannot be understood
 */
export async function localSecrets(dataDir: string): Promise<LocalSecrets> {
  const path = secretsPath(dataDir);
  const made: LocalSecrets = {
    ticketSecret: random(32),
    cloudbase: { secretId: `AKID${random(16)}`, secretKey: random(16) },
    asr: { appId: '1250000000', secretId: `AKID${random(16)}`, secretKey: random(16) },
  };
  try {
    await writeFile(path, `${JSON.stringify(made, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
    return made;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
  try {
    return v.parse(secretsSchema, JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new Error(`${path} 不是有效的密钥文件：请删除它，下次启动会重新生成`, { cause });
  }
}
