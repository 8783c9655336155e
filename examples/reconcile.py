#!/usr/bin/env python3
"""The job that keeps a shop's own books complete: it fetches every finished order once.

    H=http://127.0.0.1:8080 STORE=1 SECRET=secret_… examples/reconcile.py orders.db

Run it every hour or so. It asks for the orders after the last one that it has, imports each into
the SQLite file, and tells the server under which number it stands there. An order and the number
up to which all are there are written in one transaction, so it may be killed at any moment and
run again: nothing is missed, and nothing comes twice. What could not be told is told by the next
run. SECRET is what POST /api/stores/1/rotate-secret has answered. It needs Python 3, and nothing
else.
"""

import json
import os
import sqlite3
import sys
import time
import urllib.error
import urllib.request

# How often a call is made again where the server is busy or away.
ATTEMPTS = 5

TABLES = """
CREATE TABLE IF NOT EXISTS orders (
    number   INTEGER PRIMARY KEY,  -- the shop's own, in the order of import
    order_id TEXT NOT NULL UNIQUE,
    told     INTEGER NOT NULL DEFAULT 0,
    document TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS position (last INTEGER NOT NULL);
INSERT INTO position SELECT 0 WHERE NOT EXISTS (SELECT * FROM position);
"""


class Refused(Exception):
    """The server has understood the call, and says no."""


class Shop:
    """The calls of one store."""

    def __init__(self, url, store, secret):
        self.url = url.rstrip("/")
        self.credentials = {"store": store, "secret": secret}

    def call(self, name, **asked):
        body = json.dumps({**self.credentials, **asked}).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        for attempt in range(1, ATTEMPTS + 1):
            request = urllib.request.Request(f"{self.url}/v1/{name}", body, headers)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    told = read(answer)
            except urllib.error.HTTPError as error:
                if error.code in (429, 503) and attempt < ATTEMPTS:
                    time.sleep(int(error.headers.get("Retry-After", 1)))
                    continue
                told = read(error)
            except urllib.error.URLError:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(attempt)
                continue
            # Some calls tell what is wrong with status 200.
            if "error" in told:
                raise Refused(f"{name}: {told['error']}")
            return told


def read(answer):
    # Amounts are decimals: they are kept as they came, and no float comes near them.
    return json.load(answer, parse_float=str)


def fetch(shop, books):
    """Imports what has become complete since the last run; how many there were."""
    (last,) = books.execute("SELECT last FROM position").fetchone()
    entries = shop.call("orderNumbers", sinceOrderId=last)["orders"]
    for entry in entries:
        order = shop.call("orderDetail", orderId=entry["id"])["order"]
        number = int(entry["id"].rsplit("-", 1)[1])
        with books:
            books.execute(
                "INSERT INTO orders (order_id, document) VALUES (?, ?)",
                (entry["id"], json.dumps(order)),
            )
            books.execute("UPDATE position SET last = ?", (number,))
    return len(entries)


def tell(shop, books):
    """Tells the numbers under which orders stand here; how many were told."""
    rows = books.execute("SELECT number, order_id FROM orders WHERE NOT told ORDER BY number")
    untold = rows.fetchall()
    for number, order_id in untold:
        # To tell the same again is the same success, so it is marked afterwards.
        shop.call("updateMerchantOrderId", orderId=order_id, merchantOrderId=str(number))
        with books:
            books.execute("UPDATE orders SET told = 1 WHERE number = ?", (number,))
    return len(untold)


def main():
    if len(sys.argv) != 2 or "SECRET" not in os.environ:
        sys.exit(__doc__)
    url = os.environ.get("H", "http://127.0.0.1:8080")
    shop = Shop(url, int(os.environ.get("STORE", "1")), os.environ["SECRET"])
    books = sqlite3.connect(sys.argv[1])
    books.executescript(TABLES)
    try:
        imported = fetch(shop, books)
        told = tell(shop, books)
    except Refused as why:
        sys.exit(f"reconcile: {why}")
    except sqlite3.Error as why:
        sys.exit(f"reconcile: {sys.argv[1]} can't be written: {why}")
    except (OSError, ValueError) as why:
        sys.exit(f"reconcile: the server can't be asked: {why}")
    print(f"imported {imported}, told {told}")


if __name__ == "__main__":
    main()
