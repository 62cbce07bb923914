import * as v from 'valibot';

/** GitHub's workflow files as this project writes them; nothing else is allowed, so that a slip of the pen is found here. */

const texts = v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]));
/** A tag can be moved to other code; a commit cannot. */
const action = v.pipe(
  v.string(),
  v.regex(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/, '应为 所有者/仓库@40 位提交号，后面用注释写版本'),
);
/** `${{ … }}` is put into the script as it is, whatever a branch or a title is called. */
const script = v.pipe(
  v.string(),
  v.check((text) => !/\$\{\{/.test(text), 'run 里不能有表达式：用 env 传进来'),
);

const step = v.union([
  v.strictObject({
    name: v.optional(v.string()),
    id: v.optional(v.string()),
    uses: action,
    with: v.optional(texts),
  }),
  v.strictObject({
    name: v.optional(v.string()),
    run: script,
    env: v.optional(texts),
    'working-directory': v.optional(v.string()),
  }),
]);

const permissions = v.strictObject({
  contents: v.optional(v.picklist(['read', 'write'])),
  /** To publish a site, and to show GitHub Pages from which run it comes. */
  pages: v.optional(v.literal('write')),
  'id-token': v.optional(v.literal('write')),
});

const job = v.strictObject({
  needs: v.optional(v.array(v.string())),
  'runs-on': v.literal('ubuntu-latest'),
  'timeout-minutes': v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(90)),
  permissions: v.optional(permissions),
  /** Where it publishes to: people decide in the settings who may. */
  environment: v.optional(v.strictObject({ name: v.literal('github-pages'), url: v.string() })),
  strategy: v.optional(
    v.strictObject({ 'fail-fast': v.boolean(), matrix: v.strictObject({ node: v.array(v.number()) }) }),
  ),
  container: v.optional(v.strictObject({ image: v.string(), options: v.string() })),
  steps: v.pipe(v.array(step), v.minLength(1)),
});

const events = v.strictObject({
  push: v.optional(
    v.strictObject({ branches: v.optional(v.array(v.string())), tags: v.optional(v.array(v.string())) }),
  ),
  /** Not `pull_request_target`: it would run a stranger's code with this repository's rights. */
  pull_request: v.optional(v.null()),
  /** By hand. */
  workflow_dispatch: v.optional(v.null()),
});

export const workflowSchema = v.strictObject({
  name: v.string(),
  on: events,
  permissions: v.strictObject({ contents: v.literal('read', '默认只读：需要写的任务自己声明') }),
  concurrency: v.strictObject({ group: v.string(), 'cancel-in-progress': v.boolean() }),
  jobs: v.record(v.string(), job),
});
export type Workflow = v.InferOutput<typeof workflowSchema>;

export const dependabotSchema = v.strictObject({
  version: v.literal(2),
  updates: v.array(
    v.strictObject({
      'package-ecosystem': v.picklist(['npm', 'github-actions', 'docker']),
      directories: v.pipe(v.array(v.pipe(v.string(), v.startsWith('/'))), v.minLength(1)),
      schedule: v.strictObject({ interval: v.picklist(['weekly', 'monthly']) }),
      groups: v.record(
        v.string(),
        v.strictObject({
          patterns: v.optional(v.array(v.string())),
          'update-types': v.optional(v.array(v.picklist(['major', 'minor', 'patch']))),
        }),
      ),
      'commit-message': v.strictObject({ prefix: v.string() }),
      ignore: v.optional(
        v.array(
          v.strictObject({
            'dependency-name': v.string(),
            'update-types': v.array(v.picklist(['version-update:semver-major'])),
          }),
        ),
      ),
    }),
  ),
});
