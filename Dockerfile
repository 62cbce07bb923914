# The build context is dist/container, made by `npm run build`: index.js (everything bundled), package.json and this file.
ARG NODE_IMAGE=node:20-bookworm-slim
FROM ${NODE_IMAGE}

# Port 80 without root. Docker lets everybody bind it, other runtimes only who holds this capability.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libcap2-bin \
 && setcap cap_net_bind_service=+ep "$(command -v node)" \
 && apt-get purge -y --auto-remove libcap2-bin \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY package.json index.js ./

ENV NODE_ENV=production PORT=80
EXPOSE 80
USER node

# Sessions are handed over on SIGTERM; node itself gets it only as the first process, so no shell and no npm.
STOPSIGNAL SIGTERM
CMD ["node", "index.js"]
