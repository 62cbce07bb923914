import { systemClock } from '../../../lib/clock.ts';
import { appCloud } from '../../services/app-services.ts';
import { shareCard } from '../../utils/share.ts';
import { textScale, textSize } from '../../utils/text-size-behavior.ts';
import { BAR_COLOURS, type Bar, type DrawingContext, drawBars, type Size } from './bars.ts';
import { type Figure, METRICS, type Metric, SPANS, type Span, StatsModel, type StatsView } from './model.ts';

interface Canvas extends Size {
  context: DrawingContext;
}
type Theme = keyof typeof BAR_COLOURS;

Page({
  behaviors: [textSize],
  data: {
    loading: true,
    problem: null as StatsView['problem'],
    today: [] as Figure[],
    totals: [] as Figure[],
    empty: false,
    summary: '',
    spans: SPANS,
    span: 7 as Span,
    metrics: METRICS,
    metric: 'sessions' as Metric,
  },

  model: undefined as StatsModel | undefined,
  bars: [] as Bar[],
  canvas: undefined as Canvas | undefined,
  theme: 'light' as Theme,
  themeChanged(_change: { theme: Theme }) {},

  onLoad() {
    this.theme = wx.getAppBaseInfo().theme === 'dark' ? 'dark' : 'light';
    this.themeChanged = ({ theme }) => {
      this.theme = theme;
      this.draw();
    };
    wx.onThemeChange(this.themeChanged);
    this.model = new StatsModel(appCloud(), systemClock.now, (view) => this.show(view));
  },
  onShareAppMessage: shareCard,
  onShow() {
    void this.model?.refresh();
  },
  /** The canvas has another size. */
  onResize() {
    this.canvas = undefined;
    this.draw();
  },
  onUnload() {
    wx.offThemeChange(this.themeChanged);
  },
  async onPullDownRefresh() {
    await this.model?.refresh();
    wx.stopPullDownRefresh();
  },

  tapRetry() {
    void this.model?.refresh();
  },
  tapSpan({ currentTarget }: { currentTarget: { dataset: { span: Span } } }) {
    this.setData({ span: currentTarget.dataset.span });
    this.model?.show(this.data.span, this.data.metric);
  },
  tapMetric({ currentTarget }: { currentTarget: { dataset: { metric: Metric } } }) {
    this.setData({ metric: currentTarget.dataset.metric });
    this.model?.show(this.data.span, this.data.metric);
  },

  show({ bars, ...view }: StatsView) {
    this.bars = bars;
    this.setData(view, () => this.draw());
  },

  /** The canvas exists only once there is data, and has a size only after its layout. */
  draw() {
    if (this.data.today.length === 0) return;
    if (this.canvas !== undefined) {
      const look = { colours: BAR_COLOURS[this.theme], scale: textScale() };
      drawBars(this.canvas.context, this.bars, this.canvas, look);
      return;
    }
    wx.createSelectorQuery()
      .in(this)
      .select('#bars')
      .fields({ node: true, size: true })
      .exec(([found]: ({ node?: WechatMiniprogram.Canvas } & Partial<Size>)[]) => {
        const { node, width, height } = found ?? {};
        if (node === undefined || width === undefined || height === undefined) return;
        const ratio = wx.getWindowInfo().pixelRatio;
        node.width = width * ratio;
        node.height = height * ratio;
        const context: WechatMiniprogram.CanvasRenderingContext.CanvasRenderingContext2D =
          node.getContext('2d');
        context.scale(ratio, ratio);
        this.canvas = { context, width, height };
        this.draw();
      });
  },
});
