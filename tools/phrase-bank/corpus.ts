/** The phrases of the bank by id, which is also their file name. Any two differ in more than one word. */
export const PHRASES: Readonly<Record<string, string>> = {
  'meeting-start': '今天的会议现在开始。',
  'phones-silent': '请大家把手机调成静音。',
  'projector-on': '打开投影仪。',
  'budget-passed': '预算方案已经通过。',
  'next-hiring': '下一个议题是人员招聘。',
  'i-agree': '我同意这个意见。',
  'progress-report': '请张经理介绍项目进展。',
  'sales-growth': '销售额增长了百分之十二。',
  'testing-deadline': '月底之前完成测试。',
  'tech-dept': '这个问题由技术部负责。',
  'minutes-tomorrow': '明天上午发会议记录。',
  'thanks-all': '谢谢大家。',
  'feedback-slow': '客户反馈响应速度太慢。',
  'server-fault': '服务器昨晚出现故障。',
  'continue-monday': '下周一上午十点继续讨论。',
  'no-problem': '好的，没有问题。',
  weather: '今天天气怎么样？',
  coffee: '我想喝一杯热咖啡。',
  traffic: '路上堵车，我晚到十分钟。',
  noodles: '午饭吃牛肉面吧。',
  hiking: '周末一起去爬山。',
  'train-ticket': '帮我订一张去上海的火车票。',
  umbrella: '外面下雨了，记得带伞。',
  'good-night': '晚安，明天见。',
  'release-year': '新版本二零二六年发布。',
  'everything-saved': 'Everything is saved.',
  'every-week': 'Every week we meet online.',
  deadline: '项目的 deadline 是星期五。',
  'wi-fi': '换一个 Wi-Fi 再试一次。',
  email: '请把 PPT 发到我的 email。',
  'code-review': '先做 code review 再上线。',
  timeout: '接口的 timeout 是三十秒。',
  feedback: '用户的 feedback 非常 positive。',
  everyone: 'Understood, thank you everyone.',
};

export interface RecordingPlan {
  /** Least length, ms. */
  minMs: number;
  /** Range of the pauses between phrases, ms. */
  pauseMs: readonly [number, number];
  /** Phrases in this order, repeated until `minMs` is reached. */
  ids: readonly string[];
}

/** The longer recordings by file name. */
export const RECORDINGS: Readonly<Record<string, RecordingPlan>> = {
  meeting: {
    minMs: 30_000,
    pauseMs: [1_250, 1_700],
    ids: [
      'meeting-start',
      'phones-silent',
      'projector-on',
      'next-hiring',
      'progress-report',
      'testing-deadline',
      'i-agree',
      'budget-passed',
      'minutes-tomorrow',
      'thanks-all',
    ],
  },
  review: {
    minMs: 60_000,
    pauseMs: [1_250, 1_900],
    ids: [
      'meeting-start',
      'projector-on',
      'server-fault',
      'feedback-slow',
      'tech-dept',
      'i-agree',
      'testing-deadline',
      'sales-growth',
      'no-problem',
      'budget-passed',
      'continue-monday',
      'minutes-tomorrow',
      'thanks-all',
      'next-hiring',
      'phones-silent',
      'progress-report',
    ],
  },
  daily: {
    minMs: 78_000,
    pauseMs: [1_250, 2_100],
    ids: [
      'weather',
      'umbrella',
      'traffic',
      'no-problem',
      'coffee',
      'noodles',
      'train-ticket',
      'hiking',
      'server-fault',
      'continue-monday',
      'thanks-all',
      'good-night',
    ],
  },
  fast: {
    minMs: 30_000,
    pauseMs: [300, 300],
    ids: [
      'weather',
      'sales-growth',
      'coffee',
      'tech-dept',
      'hiking',
      'budget-passed',
      'train-ticket',
      'i-agree',
      'noodles',
      'meeting-start',
      'feedback-slow',
      'testing-deadline',
      'progress-report',
      'thanks-all',
    ],
  },
};

/** Short sentences that are not in the bank: none may be recognised as a phrase. */
export const UNKNOWN: readonly string[] = [
  '昨天下了大雨',
  '我喜欢跑步',
  '火车站有多远',
  '作者是谁',
  '妈妈做的饭',
  '骑自行车上班',
  '春天花都开了',
  '这件衣服多少钱',
  '电脑又坏了',
  '他唱歌好听',
  '洗手间在哪里',
  '小狗在睡觉',
  '医生让他喝水',
  '飞机晚点了',
  '孩子们踢足球',
  '首都是北京',
  '我想学钢琴',
  '图书馆关门了',
  '桌上有苹果',
  '两个橘子',
];

/** Voices that are enrolled besides the plain one, as energies in bank.bin. */
export const ENROLLED_VOICES = ['+f2', '+f4', '+m1', '+m5'] as const;

/** Phrases in voices that are not enrolled. */
export const OTHER_VOICES: readonly { voice: string; id: string }[] = [
  { voice: '+f3', id: 'projector-on' },
  { voice: '+f3', id: 'hiking' },
  { voice: '+f1', id: 'coffee' },
  { voice: '+m3', id: 'no-problem' },
  { voice: '+m3', id: 'budget-passed' },
  { voice: '+m7', id: 'good-night' },
];

/** Speed of the unknown sentences; fast, to keep their files small. */
export const UNKNOWN_WORDS_PER_MINUTE = 240;
