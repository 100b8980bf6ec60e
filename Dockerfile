# Builds the Debian package, and an image that has nothing but what it installs.
#
#   docker build --tag heliograph .
#   docker run --publish 9090:9090 heliograph serve --demo

FROM debian:bookworm-slim AS build
WORKDIR /source
COPY script/bootstrap script/
RUN script/bootstrap --build
COPY . .
RUN script/package

FROM debian:bookworm-slim
# A number of its own: who may write to a volume, and a cluster that refuses root, know it by that.
RUN groupadd --system --gid 990 heliograph \
 && useradd --system --uid 990 --gid 990 --home-dir /var/lib/heliograph \
      --shell /usr/sbin/nologin heliograph
RUN --mount=type=bind,from=build,source=/source/build/package/packages,target=/packages \
    apt-get update \
 && apt-get install -y --no-install-recommends /packages/heliograph_*.deb ca-certificates \
 && rm -rf /var/lib/apt/lists/*

USER 990:990
WORKDIR /var/lib/heliograph
# Where --demo keeps its certificate.
ENV XDG_STATE_HOME=/var/lib
EXPOSE 9090
# A whole TLS handshake and a page; the certificate is for the outside, not for localhost.
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s \
  CMD ["heliograph", "connect", "--insecure-no-verify", "https://localhost:9090/"]
ENTRYPOINT ["heliograph"]
CMD ["serve", "--config", "/etc/heliograph/heliograph.toml"]
