import type { DefaultTheme } from 'vitepress';

/** The words of the theme in Chinese. */
export const CHINESE: DefaultTheme.Config = {
  nav: [
    { text: '上手', link: '/quickstart' },
    { text: '接入', link: '/integration' },
    { text: '部署', link: '/deploy' },
    { text: '接口', link: '/api' },
    { text: '更新记录', link: '/changelog' },
  ],
  outline: { level: [2, 3], label: '本页目录' },
  docFooter: { prev: '上一页', next: '下一页' },
  darkModeSwitchLabel: '外观',
  lightModeSwitchTitle: '切换到浅色',
  darkModeSwitchTitle: '切换到深色',
  sidebarMenuLabel: '目录',
  returnToTopLabel: '回到顶部',
  langMenuLabel: '切换语言',
  skipToContentLabel: '跳到正文',
  notFound: {
    title: '没有这一页',
    quote: '地址可能写错了，也可能这一页已经改名。可以用上面的搜索找一找。',
    linkLabel: '回到首页',
    linkText: '回到首页',
  },
};

/** Of the search, in Chinese. */
export const CHINESE_SEARCH: DefaultTheme.LocalSearchOptions['translations'] = {
  button: { buttonText: '搜索', buttonAriaLabel: '搜索文档' },
  modal: {
    displayDetails: '显示内容',
    resetButtonTitle: '清空',
    backButtonTitle: '关闭搜索',
    noResultsText: '没有找到',
    footer: {
      selectText: '打开',
      selectKeyAriaLabel: '回车',
      navigateText: '切换',
      navigateUpKeyAriaLabel: '上箭头',
      navigateDownKeyAriaLabel: '下箭头',
      closeText: '关闭',
      closeKeyAriaLabel: 'Esc',
    },
  },
};

/** In English the theme has its words; these are the links of this site. */
export const ENGLISH: DefaultTheme.Config = {
  nav: [
    { text: 'Client', link: '/en/client' },
    { text: 'Protocol', link: '/en/protocol' },
    { text: 'Deploy', link: '/en/deploy' },
    { text: 'Reference', link: '/en/reference/' },
  ],
};
