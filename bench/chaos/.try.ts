import { runChaos } from './run.ts';
import { summarise, table } from './report.ts';
const drop = (id: number, atMs: number) => ({ id, atMs, on: 'client' as const, speaker: 0, fault: { kind: 'drop' as const } });
const r = await runChaos({ seed: 1, durationMs: 30_000, speakers: 1, dataDir: '.local/chaos/aba', faults: [drop(0, 11_000), drop(1, 12_500), drop(2, 15_000), drop(3,16_500), drop(4,18_000)], say: console.log });
console.log(table(summarise(r), r));
