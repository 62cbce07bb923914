const cloud = require('wx-server-sdk');

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV });

/** Runs the named operation of the table that the test also runs through node-sdk. */
exports.main = async ({ table, name, prefix }) => {
  const db = cloud.database();
  const { OPERATIONS } = require(table);
  return await OPERATIONS[name](db, prefix);
};
