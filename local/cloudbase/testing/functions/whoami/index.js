const cloud = require('wx-server-sdk');

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV });

exports.main = async ({ waitMs = 0, userInfo }) => {
  const before = cloud.getWXContext().OPENID;
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  return { before, after: cloud.getWXContext().OPENID, userInfo };
};
