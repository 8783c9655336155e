"""What schemathesis can't do by itself: write the bodies of an import."""

import csv
import io
import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def ndjson(context, value):
    lines = value if isinstance(value, list) else [value]
    return "\n".join(it if isinstance(it, str) else json.dumps(it) for it in lines).encode()


@schemathesis.serializer("text/csv")
def table(context, value):
    if isinstance(value, str):
        return value.encode()
    rows = [it for it in (value if isinstance(value, list) else [value]) if isinstance(it, dict)]
    columns = sorted({name for row in rows for name in row})
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
