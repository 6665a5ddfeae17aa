ARG TAG=3.12
FROM python:$TAG AS builder
FROM python:${TAG}
HEALTHCHECK CMD true
WORKDIR /app
COPY requirements.txt ./
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt

FROM builder
COPY <<EOF /etc/app.conf
name=Grüße 🐳
EOF
COPY --from=0 /app /srv
COPY . .
CMD ["python", "app.py"]
