# One image for every service; what it runs, and whether it is well, is said in docker-compose.yml.
FROM python:3.13-slim AS build
COPY requirements.lock .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM python:3.13-slim
# /data belongs to the user, and a volume mounted there inherits that.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin backburner \
 && install --directory --owner=backburner --mode=0700 /data
COPY --from=build /venv /venv
WORKDIR /app
COPY shared shared
COPY services services
COPY frontend frontend
# The root file system is read-only when it runs.
RUN /venv/bin/python -m compileall -q shared services
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
