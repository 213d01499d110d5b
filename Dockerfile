# One image for all processes; docker-compose.yml says which one a container runs.

FROM python:3.13.9-slim-trixie AS packages
COPY requirements/run.txt /tmp/run.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --requirement /tmp/run.txt

FROM python:3.13.9-slim-trixie
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin app
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY --from=packages /venv /venv
COPY database/ database/
COPY identity/ identity/
COPY messaging/ messaging/
COPY observability/ observability/
COPY rest/ rest/
COPY web/ web/
COPY event_schemas/ event_schemas/
COPY quotes_service/ quotes_service/
COPY likes_service/ likes_service/
COPY gateway/ gateway/
ENV STATIC_ROOT=/app/static
RUN python gateway/manage.py collectstatic --no-input --verbosity 0
USER app
