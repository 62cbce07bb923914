Page({
  data: { saved: '' },

  // 全部识别完并存进数据库之后
  onCompleted({ detail: { id, sentences } }) {
    this.setData({ saved: `已保存 ${sentences} 句，记录 ${id}` });
  },

  // 组件自己会显示原因和下一步；这里只记日志
  onError({ detail: { code, title, hint } }) {
    console.warn(code, title, hint);
  },
});
