# Debian slim with Node 22: uWebSockets.js has glibc natives only, so never Alpine (docs/decisions/0001).
# Run it read-only: docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#   --sysctl net.ipv4.tcp_migrate_req=1 -v headgate:/var/lib/headgate -p 8080:8080 -e OPENAI_API_KEY -e HEADGATE_API_KEYS headgate
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY workers ./workers
COPY cluster ./cluster
COPY gatehouse ./gatehouse
COPY scripts/small-bundle.ts scripts/bundle-places.ts scripts/late-pack.ts scripts/take-away.ts ./scripts/
RUN npx tsc -p tsconfig.build.json && node --disable-warning=ExperimentalWarning scripts/small-bundle.ts dist
COPY ui ./ui
RUN cd ui && npm ci --ignore-scripts --no-audit --no-fund && npx vite build
COPY scripts/docs.ts ./scripts/
COPY scripts/docs ./scripts/docs
COPY docs ./docs
RUN node scripts/docs.ts
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:22-bookworm-slim
# A volume takes its owner from the folder that the image has there: without one it is root's, and the store has no place.
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node -m 700 /var/lib/headgate
WORKDIR /app
ENV NODE_ENV=production HEADGATE_HOST=0.0.0.0 HEADGATE_PORT=8080 HEADGATE_DATA_DIR=/var/lib/headgate MALLOC_MMAP_THRESHOLD_=131072
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/ui/dist ./ui/dist
COPY --from=build /app/docs/dist ./docs/dist
USER node
VOLUME /var/lib/headgate
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["node", "-e", "fetch(`http://127.0.0.1:${Number(process.env.HEADGATE_PORT) || 8080}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/usr/bin/tini", "--", "node", "dist/cluster/cli.js"]
CMD ["start"]
