exports.main = async (event, context) => ({
  event,
  name: context.function_name,
  env: event.showEnvironment ? process.env : undefined,
});
