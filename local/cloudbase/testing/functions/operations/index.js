const cloud = require('wx-server-sdk');

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV });

/** Runs one operation of the table that the test also runs with node-sdk. */
exports.main = async ({ table, name, run }) => {
  const { OPERATIONS, useDataWrapper } = require(table);
  useDataWrapper();
  return await OPERATIONS[name](cloud.database(), run);
};
