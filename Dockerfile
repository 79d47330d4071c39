# The HTTP service. Build it with the providers that you use:
#   docker build --build-arg PROVIDERS="directory fullenrich prospeo" --tag enrichcore .
FROM python:3.13-slim AS build
ARG PROVIDERS="directory echo"
WORKDIR /src
COPY . .
RUN python -m venv /opt/enrichcore
RUN /opt/enrichcore/bin/python -m pip install --no-cache-dir ".[cli,crypto,fast,postgres,service]" \
    $(for name in $PROVIDERS; do echo "./providers/$name"; done)

FROM python:3.13-slim
COPY --from=build /opt/enrichcore /opt/enrichcore
ENV PATH=/opt/enrichcore/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ENRICHCORE_CONFIG=/etc/enrichcore/enrichcore.toml \
    HOME=/tmp
# Nobody's id: the files belong to root, and nothing but /tmp need be written.
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
ENTRYPOINT ["enrichcore"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
