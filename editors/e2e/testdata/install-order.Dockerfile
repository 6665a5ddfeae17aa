FROM python:latest
MAINTAINER Jürgen 🐳 <juergen@example.org>

ENV GREETING="Grüß Gott 🐳" DATABASE_PASSWORD=hunter2

WORKDIR /app
COPY requirements.txt ./
RUN pip install -r requirements.txt
COPY . .

EXPOSE 8000
CMD ["python", "app.py"]
