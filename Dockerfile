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
# Measured in docs/benchmarks.md. Garbage is collected by the one thread there is a core for, in small steps (MB): helpers that wait for a
# core hold up every stream. Maglev, a compiler between two others, makes nothing faster here and keeps about 25 MB. The threads that
# compile take memory from the same arena as everything else, so that what they give back is used again.
ENV MALLOC_ARENA_MAX=1
ENTRYPOINT ["node", "--single-threaded-gc", "--max-semi-space-size=2", "--no-maglev", "index.js"]
