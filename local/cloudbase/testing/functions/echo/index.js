exports.main = async (event, context) => ({ event, name: context.function_name });
