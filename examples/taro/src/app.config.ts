export default defineAppConfig({
  pages: ['pages/index/index'],
  window: { navigationBarTitleText: '边说边出字' },
  __usePrivacyCheck__: true,
});
