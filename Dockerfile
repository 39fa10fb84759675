# One image for all services; docker-compose.yml sets the command and the health check.
FROM python:3.13-slim AS build
COPY requirements.lock .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM python:3.13-slim
# A volume mounted at /data inherits its owner.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin backburner \
 && install --directory --owner=backburner --mode=0700 /data
COPY --from=build /venv /venv
WORKDIR /app
COPY shared shared
COPY services services
COPY frontend frontend
# Compiled now: the file system is read-only at run time.
RUN /venv/bin/python -m compileall -q shared services
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
