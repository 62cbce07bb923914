import type { BuiltinDefinition } from './define.ts';

const BACKGROUND_SIZES: Record<string, string> = {
  aspectFit: 'contain',
  aspectFill: 'cover',
  scaleToFill: '100% 100%',
  widthFix: '100% 100%',
  heightFix: '100% 100%',
};

export const image: BuiltinDefinition = {
  tag: 'image',
  properties: {
    src: String,
    mode: { type: String, value: 'scaleToFill' },
    lazyLoad: Boolean,
    webp: Boolean,
    showMenuByLongpress: Boolean,
  },
  observers: {
    'src, mode': (self) => {
      const src = self.get<string>('src');
      const mode = self.get<string>('mode');
      const { dom } = self;
      if (src === '') {
        dom.style.backgroundImage = '';
        return;
      }
      const picture = new Image();
      picture.onload = () => {
        const { naturalWidth: width, naturalHeight: height } = picture;
        if (mode === 'widthFix') dom.style.height = `${(dom.clientWidth * height) / width}px`;
        if (mode === 'heightFix') dom.style.width = `${(dom.clientHeight * width) / height}px`;
        self.fire('load', { width, height });
      };
      picture.onerror = () => self.fire('error', { errMsg: `load ${src} fail` });
      picture.src = src;
      dom.style.backgroundImage = `url("${src.replaceAll('"', '%22')}")`;
      dom.style.backgroundSize = BACKGROUND_SIZES[mode] ?? 'auto';
      dom.style.backgroundPosition = BACKGROUND_SIZES[mode] === undefined ? mode : 'center';
    },
  },
};

export const progress: BuiltinDefinition = {
  tag: 'progress',
  properties: {
    percent: Number,
    activeColor: { type: String, value: '#09BB07' },
    backgroundColor: { type: String, value: '#EBEBEB' },
    strokeWidth: { type: null, value: 6 },
    borderRadius: { type: null, value: 0 },
    showInfo: Boolean,
    fontSize: { type: null, value: 16 },
    active: Boolean,
    activeMode: String,
    duration: Number,
    color: String,
  },
  observers: {
    'percent, activeColor, backgroundColor, strokeWidth, borderRadius, color': (self) => {
      const { dom } = self;
      const percent = Math.max(0, Math.min(100, self.get<number>('percent')));
      const color = self.get<string>('color') || self.get<string>('activeColor');
      dom.style.background = `linear-gradient(to right, ${color} ${percent}%, ${self.get('backgroundColor')} ${percent}%)`;
      dom.style.height = `${Number.parseFloat(String(self.get('strokeWidth')))}px`;
      dom.style.borderRadius = `${Number.parseFloat(String(self.get('borderRadius')))}px`;
      dom.setAttribute('value', String(percent / 100));
    },
  },
};

const ICONS: Record<string, string> = {
  success: '✔',
  success_no_circle: '✓',
  info: 'ℹ',
  warn: '⚠',
  waiting: '◷',
  cancel: '✕',
  download: '⤓',
  search: '⌕',
  clear: '✖',
};

export const icon: BuiltinDefinition = {
  tag: 'icon',
  properties: { type: String, size: { type: null, value: 23 }, color: String },
  observers: {
    'type, size, color': (self) => {
      self.dom.textContent = ICONS[self.get<string>('type')] ?? '';
      self.dom.style.fontSize = `${Number.parseFloat(String(self.get('size')))}px`;
      self.dom.style.color = self.get<string>('color');
    },
  },
};
