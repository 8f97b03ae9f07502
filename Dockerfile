# syntax=docker/dockerfile:1
# Three stages: everything to build, production packages alone, and an image with neither npm nor a compiler's output
# that it does not run. The last one is meant for `read_only: true`, a non-root user and no capabilities.

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim AS baro
ENV NODE_ENV=production
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY migrations ./migrations
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 8080
# One image for every process: the command says which.
CMD ["node", "dist/apps/gateway.js"]
