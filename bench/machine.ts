import { cpus } from 'node:os';

/** The machine that figures are from, as it stands above each table. */
export const machineOf = (): string =>
  `${cpus().length} 核 ${cpus()[0]?.model ?? ''}，Node ${process.version}`;
