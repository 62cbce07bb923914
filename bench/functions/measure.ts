import { fileURLToPath } from 'node:url';
import { Child } from '../processes/child.ts';
import { type Quantiles, quantilesOf } from '../statistics.ts';
import { ACTIONS } from './actions.ts';
import type { Cost, RunRequest, StartRequest } from './database.ts';
import type { Population } from './population.ts';

const DATABASE = fileURLToPath(new URL('./database.ts', import.meta.url));
/** A million sessions with their indexes take about 3 GB. */
const MAX_HEAP_MB = 8_192;
/** People are told how far it is after each of these. */
const ROUNDS_A_STEP = 10;

/** What an action cost with one population. */
export interface ActionCost {
  population: Population;
  /** The most of any call, the first one too. */
  documents: number;
  requests: number;
  /** Of warm calls, ms. */
  tookMs: Quantiles;
}
export interface MeasuredCosts {
  action: string;
  /** In the order of the populations. */
  costs: ActionCost[];
}

export interface MeasureOptions {
  /** The first is the one that the others are compared with. */
  populations: readonly Population[];
  functionsDir: string;
  /** Calls of each action that count; one more comes first, to warm up. */
  rounds: number;
  onStep: (text: string) => void;
}

/** Runs all actions on databases with these populations, in turn, so that what else the machine does hits all alike. */
export async function measureActions(options: MeasureOptions): Promise<MeasuredCosts[]> {
  const { populations, rounds, onStep } = options;
  const databases: Child[] = [];
  try {
    for (const population of populations) {
      onStep(`正在载入 ${describePopulation(population)}`);
      databases.push(await startDatabase(population, options.functionsDir));
    }
    const costs = ACTIONS.map(() => populations.map((): Cost[] => []));
    for (let round = 0; round <= rounds; round++) {
      if (round % ROUNDS_A_STEP === 0)
        onStep(
          `正在测量 ${ACTIONS.length} 个动作 × ${populations.length} 份数据：第 ${round} 轮起，共 ${rounds} 轮`,
        );
      for (const action of ACTIONS.keys())
        for (const [at, database] of databases.entries())
          costs[action]?.[at]?.push(await database.ask<Cost>('run', { action, round } satisfies RunRequest));
    }
    return ACTIONS.map(({ name }, action) => ({
      action: name,
      costs: populations.map((population, at) => summarise(population, costs[action]?.[at] ?? [])),
    }));
  } finally {
    await Promise.all(databases.map((database) => database.stop()));
  }
}

async function startDatabase(population: Population, functionsDir: string): Promise<Child> {
  const args = [`--max-old-space-size=${MAX_HEAP_MB}`, '--import', 'tsx', DATABASE];
  const database = Child.spawn(describePopulation(population), args);
  database.process.stdout?.resume();
  database.process.stderr?.pipe(process.stderr);
  try {
    await database.ask('start', { population, functionsDir } satisfies StartRequest);
    return database;
  } catch (error) {
    await database.stop();
    throw error;
  }
}

const summarise = (population: Population, costs: readonly Cost[]): ActionCost => ({
  population,
  documents: Math.max(...costs.map(({ documents }) => documents)),
  requests: Math.max(...costs.map(({ requests }) => requests)),
  tookMs: quantilesOf(costs.slice(1).map(({ tookMs }) => tookMs)),
});

const countText = (count: number): string =>
  count >= 10_000 && count % 10_000 === 0 ? `${count / 10_000} 万条` : `${count} 条`;

/** In words: 「100 万条」, 「100 条与刚删除的 1 万条」. */
export const describePopulation = ({ sessions, recentlyDeleted }: Population): string =>
  `${countText(sessions)}${recentlyDeleted > 0 ? `与刚删除的 ${countText(recentlyDeleted)}` : ''}`;
