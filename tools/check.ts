/** `npm run check:rules`: what no linter knows: who imports whom, how long files are, whether `npm ci` works, what would be deployed. */
import { deploymentProblems } from './check/deploy.ts';
import { wrongImports } from './check/imports.ts';
import { longFiles } from './check/lengths.ts';
import { lockfileProblems } from './check/lockfile.ts';

const problems = [...wrongImports(), ...longFiles(), ...lockfileProblems(), ...(await deploymentProblems())];
for (const problem of problems) console.error(problem);
console.log(
  problems.length === 0 ? '引用方向、文件长度、锁文件、部署配置：没有问题' : `${problems.length} 个问题`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
