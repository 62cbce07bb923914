/** What the manifests have in common with the image and with each other. */
export interface Facts {
  port: number;
  metricsPort: number;
  /** Of package.json. */
  version: string;
  /** Of the image. */
  uid: number;
  gid: number;
}

/** A place of a manifest, what must stand there (undefined: nothing), and why. */
interface Requirement {
  kind: string;
  path: readonly (string | number)[];
  value: unknown;
  why: string;
}

const NAME = 'realtime-voice';
const LABELS = { 'app.kubernetes.io/name': NAME };
const POD = ['spec', 'template', 'spec'] as const;
const CONTAINER = [...POD, 'containers', 0] as const;
/** Silence after which a proxy gives a connection up; the container pings every 10 s. As in docs/nginx.md. */
const PROXY_TIMEOUT_S = 75;

const deployment = (path: Requirement['path'], value: unknown, why: string): Requirement => ({
  kind: 'Deployment',
  path,
  value,
  why,
});

const identity = ({ port, metricsPort }: Facts): Requirement[] => [
  deployment(['spec', 'selector', 'matchLabels'], LABELS, '与 Service 等选择同样的 Pod'),
  deployment(['spec', 'template', 'metadata', 'labels'], LABELS, '与选择器相同'),
  deployment([...CONTAINER, 'image'], NAME, 'kustomization.yaml 的 images 按这个名字替换'),
  deployment(
    [...CONTAINER, 'ports'],
    [
      { name: 'http', containerPort: port },
      { name: 'metrics', containerPort: metricsPort },
    ],
    '与 PORT、METRICS_PORT 相同',
  ),
  deployment(
    [...CONTAINER, 'envFrom'],
    [{ configMapRef: { name: NAME } }, { secretRef: { name: NAME } }],
    '设置与密钥的名字',
  ),
  deployment(
    ['spec', 'template', 'metadata', 'annotations', 'prometheus.io/port'],
    String(metricsPort),
    '与 METRICS_PORT 相同',
  ),
  deployment(['spec', 'replicas'], undefined, '实例数由自动伸缩决定'),
];

const restrictions = ({ uid, gid }: Facts): Requirement[] => [
  deployment(
    [...POD, 'securityContext'],
    {
      runAsNonRoot: true,
      runAsUser: uid,
      runAsGroup: gid,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    '与镜像的用户相同，不是 root',
  ),
  deployment(
    [...CONTAINER, 'securityContext'],
    {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    '镜像的测试就是这样运行它的',
  ),
  deployment([...POD, 'automountServiceAccountToken'], false, '容器不访问 Kubernetes'),
  deployment([...POD, 'volumes'], undefined, '容器不写文件'),
  {
    kind: 'Namespace',
    path: ['metadata', 'labels', 'pod-security.kubernetes.io/enforce'],
    value: 'restricted',
    why: '由 Kubernetes 守住以上各项',
  },
];

const life: Requirement[] = [
  deployment([...CONTAINER, 'readinessProbe', 'httpGet'], { path: '/ready', port: 'http' }, '能接新会话'),
  deployment(
    [...CONTAINER, 'livenessProbe', 'httpGet'],
    { path: '/health', port: 'http' },
    '只问进程是否应答：数据库不可用时重启没有用',
  ),
  deployment(
    ['spec', 'strategy', 'rollingUpdate', 'maxUnavailable'],
    0,
    '新实例能服务之后，旧实例才交出会话',
  ),
  deployment([...CONTAINER, 'lifecycle'], undefined, 'SIGTERM 之后容器仍在应答，不需要 preStop'),
];

const connected = ({ port, version }: Facts): Requirement[] => [
  { kind: 'ConfigMap', path: ['data', 'PORT'], value: String(port), why: '与镜像的端口相同' },
  { kind: 'Service', path: ['spec', 'selector'], value: LABELS, why: '与 Deployment 的标签相同' },
  {
    kind: 'Service',
    path: ['spec', 'ports'],
    value: [{ name: 'http', port, targetPort: 'http' }],
    why: '一个端口；指标不对外',
  },
  {
    kind: 'Ingress',
    path: ['spec', 'rules', 0, 'http', 'paths'],
    value: [{ path: '/', pathType: 'Prefix', backend: { service: { name: NAME, port: { name: 'http' } } } }],
    why: '全部路径都给 Service',
  },
  ...['read', 'send'].flatMap((direction): Requirement[] => [
    {
      kind: 'Ingress',
      path: ['metadata', 'annotations', `nginx.org/proxy-${direction}-timeout`],
      value: `${PROXY_TIMEOUT_S}s`,
      why: '大于容器的 ping 间隔 10 秒，又不太大',
    },
    {
      kind: 'Ingress',
      path: ['metadata', 'annotations', `nginx.ingress.kubernetes.io/proxy-${direction}-timeout`],
      value: String(PROXY_TIMEOUT_S),
      why: '大于容器的 ping 间隔 10 秒，又不太大',
    },
  ]),
  {
    kind: 'Ingress',
    path: ['metadata', 'annotations', 'nginx.org/websocket-services'],
    value: NAME,
    why: '否则这个控制器不转发 Upgrade',
  },
  {
    kind: 'Kustomization',
    path: ['images'],
    value: [{ name: NAME, newName: 'registry.example.com/realtime-voice', newTag: version }],
    why: '与 package.json 的版本相同',
  },
];

const scaling: Requirement[] = [
  {
    kind: 'HorizontalPodAutoscaler',
    path: ['spec', 'scaleTargetRef'],
    value: { apiVersion: 'apps/v1', kind: 'Deployment', name: NAME },
    why: '伸缩的是这个 Deployment',
  },
  {
    kind: 'HorizontalPodAutoscaler',
    path: ['spec', 'metrics', 0, 'pods', 'metric', 'name'],
    value: 'voice_sessions',
    why: '按会话数伸缩',
  },
  {
    kind: 'prometheus/adapter-values.yaml',
    path: ['rules', 'custom', 0, 'name', 'as'],
    value: 'voice_sessions',
    why: '自动伸缩按这个名字要',
  },
  {
    kind: 'PodDisruptionBudget',
    path: ['spec', 'selector', 'matchLabels'],
    value: LABELS,
    why: '与 Deployment 的标签相同',
  },
  {
    kind: 'PodMonitor',
    path: ['spec'],
    value: {
      selector: { matchLabels: LABELS },
      podMetricsEndpoints: [{ port: 'metrics', path: '/metrics', interval: '15s' }],
    },
    why: '抓取 Deployment 的指标端口',
  },
];

/** All that can be compared by being equal. */
export const requirements = (facts: Facts): Requirement[] => [
  ...identity(facts),
  ...restrictions(facts),
  ...life,
  ...connected(facts),
  ...scaling,
];
