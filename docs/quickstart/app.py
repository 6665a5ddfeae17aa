"""A guest book: one page that shows its entries and takes new ones."""

import os

import psycopg
from flask import Flask, redirect, render_template, request

app = Flask(__name__)


def connect():
    return psycopg.connect(
        host=os.environ.get("DATABASE_HOST", "localhost"),
        password=os.environ["DATABASE_PASSWORD"],
    )


@app.get("/")
def entries():
    with connect() as db:
        rows = db.execute("SELECT name, message FROM entries ORDER BY id DESC LIMIT 50")
        return render_template("entries.html", entries=rows.fetchall())


@app.post("/")
def sign():
    with connect() as db:
        db.execute(
            "INSERT INTO entries (name, message) VALUES (%s, %s)",
            (request.form["name"], request.form["message"]),
        )
    return redirect("/")


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8000)
