# One image for all services; docker-compose.yml sets the command and the health check.
#   docker build --build-arg EXTRAS="mcp notify" .               with the packages of these extras
#   docker build --build-arg BASE=python@sha256:DIGEST .         with a base that cannot change
ARG BASE=python
FROM python:3.13-slim AS python

FROM ${BASE} AS build
ARG EXTRAS=
COPY requirements.lock requirements-mcp.lock requirements-notify.lock .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock \
      $(for extra in $EXTRAS; do echo "-r requirements-$extra.lock"; done)

FROM ${BASE}
# A volume mounted at /data inherits its owner.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin backburner \
 && install --directory --owner=backburner --mode=0700 /data
COPY --from=build /venv /venv
WORKDIR /app
COPY shared shared
COPY services services
COPY frontend frontend
COPY clients/backburner backburner
# Compiled now: the file system is read-only at run time.
RUN /venv/bin/python -m compileall -q shared services backburner
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001

ARG VERSION=0.2.0
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title="Backburner" \
      org.opencontainers.image.description="Runs long background tasks of the Responses API and keeps their answers." \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.licenses="MIT"
