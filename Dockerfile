# The build context is dist/container, made by `npm run build`: index.js (everything bundled), package.json and this file.
# Nothing is run while it is built, so that it needs nothing from the network but the base image.
FROM node:24-bookworm-slim

WORKDIR /app
COPY package.json index.js ./

# A port above 1023 needs no capability, so that all of them can be dropped.
ENV NODE_ENV=production PORT=8080
EXPOSE 8080
# The base image's `node`, by number: Kubernetes cannot tell from a name that it is not root.
USER 1000:1000

# Sessions are handed over on SIGTERM; node gets it only as the first process, so no shell, no npm and not the base image's script.
STOPSIGNAL SIGTERM
# Garbage is collected by the one thread there is a core for, in small steps: helpers that wait for a core hold up every stream
# (docs/benchmarks.md). MB.
ENTRYPOINT ["node", "--single-threaded-gc", "--max-semi-space-size=2", "index.js"]
