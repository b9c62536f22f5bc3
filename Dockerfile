# The grading service: base install only, no training, no compiler, no shell needed at run time.
#   docker build -t phonegrade .                                   (with more: --build-arg EXTRAS=platform,ocr,otel)
#   docker run --read-only --tmpfs /tmp -v ./keys:/etc/phonegrade:ro -p 127.0.0.1:8000:8000 phonegrade
# deploy/compose.yaml is the same with every limit.

FROM python:3.12-slim AS build
ARG EXTRAS=""
WORKDIR /src
COPY . .
RUN python -m venv --without-pip /opt/phonegrade \
    && pip --python /opt/phonegrade/bin/python install --no-cache-dir --disable-pip-version-check ".${EXTRAS:+[$EXTRAS]}" \
    && /opt/phonegrade/bin/python -m compileall -q /opt/phonegrade/lib

FROM python:3.12-slim
COPY --from=build /opt/phonegrade /opt/phonegrade
RUN groupadd --system --gid 10001 phonegrade \
    && useradd --system --no-create-home --uid 10001 --gid 10001 phonegrade
USER 10001:10001
WORKDIR /tmp
# Nothing is written, so that the root file system may be read-only.
ENV PATH=/opt/phonegrade/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
EXPOSE 8000
# The start loads four models; /readyz, for the load balancer, says when a photo has really been inspected.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["phonegrade"]
# Other machines are let in with a key alone: mount the folder with a file that `phonegrade key new` made, readable by
# user 10001. The folder and not the file, or a key that is revoked would go on counting until the next start.
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--keys", "/etc/phonegrade/keys.yaml", "--json-logs"]
