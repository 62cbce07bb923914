/** `npm run check:rules`: what no linter knows: whether `npm ci` works, and what would be deployed. */
import { deploymentProblems } from './check/deploy.ts';
import { lockfileProblems } from './check/lockfile.ts';

const problems = [...lockfileProblems(), ...(await deploymentProblems())];
for (const problem of problems) console.error(problem);
console.log(problems.length === 0 ? '锁文件、部署配置：没有问题' : `${problems.length} 个问题`);
process.exitCode = problems.length === 0 ? 0 : 1;
