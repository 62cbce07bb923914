import { defineConfig } from 'vitest/config';
import { workspaceSources } from './compile/workspaces.ts';
import { SummaryReporter } from './tools/test/summary-reporter.ts';

/**
 * Which project a test belongs to:
 * - browser: it needs Chromium. `*.e2e.test.ts`, and what is listed.
 * - process: it starts processes (a tool, a container, the compiler, esbuild) or whole servers, or recognises real
 *   speech for tens of seconds. Listed here.
 * - unit: all others. One that starts a process fails and says that it belongs into the list.
 */
const BROWSER_TESTS = ['**/*.e2e.test.ts', 'local/wechat/{host,wx-shim}.test.ts'];
const PROCESS_TESTS = [
  'bench/chaos/{chaos,lost-audio,mutation-detection,slow-link}.test.ts',
  'bench/compare/compare.test.ts',
  'bench/functions/functions.test.ts',
  'bench/recovery/cell.test.ts',
  'bench/relay/relay.test.ts',
  'bench/counts/counts.test.ts',
  'bench/soak/soak.test.ts',
  'sim/{break,comparison,simulation,world}.test.ts',
  'compile/**/*.test.ts',
  'conformance/{clients,command,container,faults,minimal-server}.test.ts',
  'container/src/{bad-input,crash,hostile-sockets,metrics,service,shared-streams,shutdown,store-faults}.test.ts',
  'container/src/transport/backpressure.test.ts',
  'container/src/{malformed,nginx}.test.ts',
  'container/src/transports/*.test.ts',
  // cloud functions as they are deployed: bundled, in a host, over the SDK
  'functions/{faults,hidden-records,http-api,ownership}.test.ts',
  'functions/*/index.test.ts',
  'functions/history/{audio,delete,delete-all,edit-many,export,export-docx,find,labels,large,late-requests,many,marks}.test.ts',
  'functions/history/{pages,record-versions,search,streaming}.test.ts',
  'functions/recognize/{cloud-file,http,local-asr,uploads}.test.ts',
  'miniprogram/pages/session/session.functions.test.ts',
  'local/asr/{main,faults}.test.ts',
  'local/asr/oneshot/oneshot.test.ts',
  'local/asr/phrases/recognition.test.ts',
  'local/asr/realtime/{refusals,streams}.test.ts',
  'local/asr/sherpa/{engine-states,sherpa-engine}.test.ts',
  'local/cloudbase/*.test.ts',
  'local/launch/{inspect,start,watch}.test.ts',
  'local/wechat/host/server.test.ts',
  'tools/{http-api-docs,real-service,tools,verify-real}.test.ts',
  'tools/asr-model/{command,install}.test.ts',
  'tools/check/*.test.ts',
  'tools/image/image.test.ts',
  'tools/docs/documented-commands.test.ts',
  'tools/size/size.test.ts',
  'tools/docs-site/site.test.ts',
  'tools/deploy/{command,deployment,real-tools,rollout,service-check,tool-package}.test.ts',
  'tools/doctor/{broken-servers,local-cloud}.test.ts',
];
const ALL_TESTS = [
  '{contract,records,lib,compile,container,functions,miniprogram,local,tools,bench,sim,conformance,examples}/**/*.test.ts',
];
const NO_TESTS = ['**/node_modules/**', '**/dist/**'];

/** A name stands for itself, not for what begins with it. */
const alias = [...workspaceSources()].map(([name, replacement]) => ({
  find: new RegExp(`^${name}$`),
  replacement,
}));

export default defineConfig({
  resolve: { alias },
  test: {
    reporters: ['default', new SummaryReporter()],
    pool: 'forks',
    // as many as there are cores, not one fewer
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ALL_TESTS,
          exclude: [...NO_TESTS, ...PROCESS_TESTS, ...BROWSER_TESTS],
          setupFiles: ['./tools/test/no-processes.ts'],
          // the files of one worker share their modules, which saves half of the time; globals are put back after each test
          isolate: false,
          unstubGlobals: true,
          unstubEnvs: true,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'process',
          include: PROCESS_TESTS,
          exclude: NO_TESTS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: BROWSER_TESTS,
          exclude: NO_TESTS,
          // one file after the other: most of them start a whole cloud
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // What is polled is drawn, some of it once a second: the default of one second would be as long as that.
          expect: { poll: { timeout: 10_000 } },
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
