export default definePageConfig({ navigationBarTitleText: '边说边出字' });
