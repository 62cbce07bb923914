exports.main = async (event) => {
  if (event.path === '/text') return 'plain words';
  if (event.path === '/teapot')
    return {
      statusCode: 418,
      headers: { 'x-kind': 'pot' },
      body: Buffer.from('茶').toString('base64'),
      isBase64Encoded: true,
    };
  return { ...event, openid: process.env.WX_OPENID ?? null };
};
