# One image for web, relay and worker: compose.yaml gives each its command.
FROM node:22-slim AS assets
WORKDIR /ledig
COPY package.json package-lock.json .npmrc ./
COPY scripts/npm scripts/assets scripts/
RUN scripts/assets

FROM python:3.13-slim
WORKDIR /ledig
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.txt
COPY . .
COPY --from=assets /ledig/web/static/vendor web/static/vendor
RUN useradd --system ledig && printf '#!/bin/sh\nexec python -m web.cli "$@"\n' > /usr/local/bin/ledig && chmod +x /usr/local/bin/ledig
ENV PYTHONPATH=/ledig PYTHONUNBUFFERED=1 LEDIG_HOST=0.0.0.0
USER ledig
EXPOSE 8000
ENTRYPOINT ["ledig"]
CMD ["web"]
