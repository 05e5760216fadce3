# The `volley` command in an image: docker run … volley worker, docker run … volley send list.csv …
# Behind a package registry of your own: docker build --build-arg NPM_CONFIG_REGISTRY=<its address> .

FROM node:24-slim AS build
WORKDIR /volley
ARG NPM_CONFIG_REGISTRY
COPY package.json package-lock.json ./
# No install script is needed to compile or to run, and without its script the package "node" brings no second Node.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run --silent build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
ENV NODE_ENV=production PATH=/volley/bin:$PATH
COPY --from=build /volley/node_modules /volley/node_modules
COPY --from=build /volley/dist /volley/dist
COPY package.json /volley/
COPY bin /volley/bin
USER node
# where lists are mounted; relative paths begin here
WORKDIR /lists
# For the worker. Containers of the other commands switch it off (--no-healthcheck).
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["volley", "healthcheck"]
# The launcher exec's Node, so the command is process 1 and a signal arrives once.
ENTRYPOINT ["volley"]
CMD ["--help"]
