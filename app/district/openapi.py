"""What the live OpenAPI document says of bodies: they are read by hand, so they are described by hand."""

from typing import Any

from app.sync.protocol import MAX_FEEDS, MAX_OPS, MAX_SEQ, PULL_LIMIT, PULL_MAX

_TEXT = {"type": "string"}
_ID = {"type": "string", "minLength": 1, "maxLength": 36, "pattern": "^[0-9A-Za-z][0-9A-Za-z._-]*$"}
_WHOLE = {"type": "integer", "minimum": 0}
_CURSORS = {"type": "object", "additionalProperties": _WHOLE, "description": "feed name to last seq seen"}

_EDIT = {
    "type": "object",
    "required": ["type", "id", "set"],
    "properties": {
        "type": _TEXT,
        "id": _ID,
        "base": {
            **_WHOLE,
            "default": 0,
            "description": "revision of the record this device had; 0: not known to the server",
        },
        "set": {
            "type": "object",
            "additionalProperties": {"type": "array", "minItems": 2, "maxItems": 2, "items": {}},
            "description": "field to [old, new]; only fields that changed",
        },
    },
}
_OP = {
    "type": "object",
    "required": ["op", "seq", "act", "made_at", "edits"],
    "properties": {
        "op": _ID,
        "device": _ID,
        "seq": {"type": "integer", "minimum": 1},
        "act": {"type": "string", "maxLength": 60},
        "actor": {"type": ["string", "null"], "maxLength": 36},
        "made_at": {"type": "string", "format": "date-time"},
        "reason": {"type": ["string", "null"], "maxLength": 200},
        "schema": {"type": "integer", "minimum": 1},
        "edits": {"type": "array", "items": _EDIT},
    },
}
_RECORD = {
    "type": "object",
    "required": ["type", "id", "rev"],
    "properties": {
        "type": _TEXT,
        "id": _ID,
        "rev": _WHOLE,
        "values": {"type": "object", "description": "every field; left out where a brief answer was asked for"},
    },
}
_RESULT = {
    "type": "object",
    "required": ["op", "outcome", "records"],
    "properties": {
        "op": _ID,
        "outcome": {"enum": ["applied", "merged", "conflict", "refused"]},
        "code": _TEXT,
        "text": _TEXT,
        "field": _TEXT,
        "records": {"type": "array", "items": _RECORD},
    },
}
_ENTRY = {
    "type": "object",
    "required": ["feed", "seq", "op", "act", "actor", "made_at", "type", "id", "rev", "values"],
    "properties": {
        "feed": _TEXT,
        "seq": _WHOLE,
        "op": _ID,
        "device": _ID,
        "act": _TEXT,
        "actor": {"type": ["string", "null"]},
        "made_at": {"type": "string", "format": "date-time"},
        "type": _TEXT,
        "id": _ID,
        "rev": _WHOLE,
        "values": {"type": "object"},
        "removed": {"type": "boolean"},
        "sparse": {"type": "boolean"},
    },
}


def _body(required: list[str], properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    shape = {"type": "object", "required": required, "properties": properties, **more}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": shape}}}}


ENROL = _body(
    ["code", "device_name"],
    {
        "code": {"type": "string", "maxLength": 80},
        "device_name": {"type": "string", "minLength": 1, "maxLength": 80},
        "app_version": {"type": ["string", "null"], "maxLength": 40},
        "device": _ID,
        "station_code": {"type": ["string", "null"], "maxLength": 12},
        "device_no": {"type": ["string", "null"], "maxLength": 2},
    },
)
PUSH = _body(
    ["epoch", "ops"],
    {
        "epoch": _TEXT,
        "brief": {"type": "boolean", "default": False, "description": "leave out the values of what stands as sent"},
        "ops": {"type": "array", "maxItems": MAX_OPS, "items": _OP},
    },
)
_SEALED = {"type": "object", "required": ["body", "proof"], "properties": {"body": _TEXT, "proof": _TEXT}}
RELAY = _body(
    ["epoch", "device", "ops"],
    {"epoch": _TEXT, "device": _ID, "ops": {"type": "array", "maxItems": MAX_OPS, "items": _SEALED}},
)
PULL = _body(
    ["epoch"],
    {
        "epoch": _TEXT,
        "cursors": _CURSORS,
        "limit": {"type": "integer", "minimum": 1, "maximum": PULL_MAX, "default": PULL_LIMIT},
        "sparse": {"type": "boolean", "default": False},
    },
)
DIGEST = _body(
    [],
    {"feed": _TEXT, "feeds": {"type": "array", "items": _TEXT, "maxItems": MAX_FEEDS}},
    oneOf=[{"required": ["feed"]}, {"required": ["feeds"]}],
)

_STATION_KEY = {"type": "object", "required": ["number", "key"], "properties": {"number": _WHOLE, "key": _TEXT}}
_COUNT = {"type": "integer", "minimum": 0, "maximum": MAX_SEQ}
_MAYBE_WHOLE = {"type": ["integer", "null"], "minimum": 0, "maximum": MAX_SEQ}
_MAYBE_TEXT = {"type": ["string", "null"]}
_CLEAN = {"type": ["string", "null"], "pattern": "^[^\\u0000]*$"}
_REPORT = {
    **dict.fromkeys(("queued", "parked", "held", "conflicts"), _COUNT),
    **dict.fromkeys(("free_bytes", "data_bytes", "op_schema"), _MAYBE_WHOLE),
    "oldest_at": {**_CLEAN, "maxLength": 40},
    "app_version": {**_CLEAN, "maxLength": 40},
    "last_error": {**_CLEAN, "maxLength": 60},
    "clock_offset": {"type": "number", "minimum": -1e11, "maximum": 1e11},
}
REPORT = _body(["queued", "parked", "held", "conflicts"], _REPORT)

_HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_SAID_HEAD = {
    "type": "object",
    "required": ["number", "chain"],
    "properties": {
        "number": {**_COUNT, "description": "how many lines the log has"},
        "chain": {**_HASH, "description": "the hash of its last line"},
        "at": {
            "type": "array",
            "maxItems": 64,
            "items": {"type": "array", "minItems": 2, "maxItems": 2, "items": {}},
            "description": "[number, hash] of earlier lines",
        },
    },
}
HEADS = _body(
    ["logs"],
    {
        "logs": {"type": "object", "properties": {"operations": _SAID_HEAD, "looks": _SAID_HEAD}},
        "restored": {**_CLEAN, "maxLength": 60, "description": "names the last restore of this counter from a backup"},
        "telling": {**_WHOLE, "minimum": 0, "description": "numbers what is said: more than the last one taken"},
    },
)
_BREAKS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["log", "kind", "first", "last", "noted_at"],
        "properties": {
            "log": _TEXT,
            "kind": {"enum": ["changed", "cut", "restored"]},
            "first": _WHOLE,
            "last": _WHOLE,
            "noted_at": {"type": "string", "format": "date-time"},
        },
    },
}
_NOTICE = {
    "type": "object",
    "required": ["id", "text", "until"],
    "properties": {"id": _ID, "text": _TEXT, "until": {**_MAYBE_TEXT, "format": "date-time"}},
}
_DEVICE = {
    "type": "object",
    "required": ["id", "device_no", "name", "role", "station_code", "revoked", "report"],
    "properties": {
        **dict.fromkeys(("id", "device_no", "name", "role", "station_code"), _TEXT),
        "app_version": _MAYBE_TEXT,
        "enrolled_at": {"type": "string", "format": "date-time"},
        "last_seen_at": {**_MAYBE_TEXT, "format": "date-time"},
        "revoked": {"type": "boolean"},
        "report": {"type": ["object", "null"], "properties": {**_REPORT, "reported_at": _TEXT}},
        "breaks": _BREAKS,
    },
}

_ANSWERS: dict[str, dict[str, Any]] = {
    "Health": {"ok": {"type": "boolean"}, "version": _TEXT},
    "Reported": {},
    "Heads": {
        "logs": {"type": "object", "description": "log to {heads: [[number, hash, told_at], …]}"},
        "breaks": _BREAKS,
        "ask": {"type": "object", "description": "log to the numbers whose hashes are wanted"},
        "telling": {**_WHOLE, "description": "the number of the last one taken"},
        "known": {"type": "boolean", "description": "such a number was taken before: nothing was done"},
    },
    "Devices": {"devices": {"type": "array", "items": _DEVICE}},
    "Enrolled": {
        "device": _ID,
        "token": _TEXT,
        "device_no": _TEXT,
        "station_code": _TEXT,
        "station_name": {"type": ["string", "null"]},
        "county_code": _TEXT,
        "role": _TEXT,
        "feeds": {"type": "array", "items": _TEXT},
        "epoch": _TEXT,
        "expect": _WHOLE,
        "station_keys": {"type": "array", "items": _STATION_KEY},
        "server_time": {"type": "string", "format": "date-time"},
    },
    "Status": {
        "epoch": _TEXT,
        "server_time": {"type": "string", "format": "date-time"},
        "protocol": {"type": "object", "properties": {"min": _WHOLE, "max": _WHOLE}},
        "op_schema": {"type": "object", "properties": {"min": _WHOLE, "max": _WHOLE}},
        "encodings": {"type": "array", "items": _TEXT},
        "digest_feeds": {**_WHOLE, "description": "of how many feeds you may ask for the digests at once"},
        "expect": _WHOLE,
        "continues": {
            "type": ["object", "null"],
            "properties": {"epoch": _TEXT, "expect": _WHOLE},
            "description": "the epoch of the backup that this one began from, and what was expected of you then",
        },
        "feeds": _CURSORS,
        "notices": {"type": "array", "items": _NOTICE},
        "peers": {"type": "object", "additionalProperties": _WHOLE, "description": "device to its next seq"},
        "station_keys": {"type": "array", "items": _STATION_KEY},
    },
    "Pushed": {"results": {"type": "array", "items": _RESULT}, "expect": _WHOLE},
    "Pulled": {
        "entries": {"type": "array", "items": _ENTRY},
        "cursors": _CURSORS,
        "heads": _CURSORS,
        "more": {"type": "boolean"},
    },
    "Digest": {
        "head": _WHOLE,
        "types": {
            "type": "object",
            "additionalProperties": {"type": "object", "properties": {"count": _WHOLE, "digest": _TEXT}},
        },
    },
    "Piece": {"feed": _TEXT, "sha256": _TEXT, "size": _WHOLE, "have": _WHOLE},
    "Schema": {"types": {"type": "object"}, "limits": {"type": "object"}, "op_schema": {"type": "object"}},
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {"type": _TEXT, "title": _TEXT, "status": _WHOLE, "code": _TEXT, "detail": _TEXT},
}
_WHY = {
    400: "malformed, bad_encoding",
    401: "unknown_token, revoked",
    403: "code_invalid, code_used, code_expired, not_your_feed, wrong_device, not_your_station, owner_revoked,"
    " proof_invalid, not_allowed",
    404: "not_found, unknown_ledger",
    409: "seq_gap, seq_taken, epoch_changed, device_taken, other_station, piece_gap, hash_wrong",
    413: "too_large, too_many_ops, quota_full",
    415: "bad_encoding",
    416: "range_not_there",
    429: "too_many_tries, slow_down",
}


def answers(name: str, *problems: int) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of an endpoint: its answer and its problems."""
    shape = {"type": "object", "title": name, "required": sorted(_ANSWERS[name]), "properties": _ANSWERS[name]}
    found: dict[int | str, dict[str, Any]] = {
        200: {"description": name, "content": {"application/json": {"schema": shape}}},
        503: {"description": "busy", "content": {"application/problem+json": {"schema": _PROBLEM}}},
    }
    for status in problems:
        found[status] = {
            "description": f"code: {_WHY[status]}",
            "content": {"application/problem+json": {"schema": _PROBLEM}},
        }
    return found


DIGESTED = answers("Digest", 400, 401, 403, 413, 415, 429)
_ONE_FEED = DIGESTED[200]["content"]["application/json"]["schema"]
_SOME_FEEDS = {"type": "object", "required": ["feeds"], "properties": {"feeds": {"additionalProperties": _ONE_FEED}}}
DIGESTED[200]["content"]["application/json"]["schema"] = {"oneOf": [_ONE_FEED, _SOME_FEEDS]}

METRICS = answers("Health", 403)
METRICS[200] = {
    "description": "Prometheus text 0.0.4",
    "content": {"text/plain": {"schema": _TEXT}},
}

SNAPSHOT = answers("Digest", 400, 401, 403, 404, 409, 429)
SNAPSHOT[200] = {
    "description": "one record a line, and a closing line {end, feed, epoch, head, after, more, total}",
    "content": {"application/x-ndjson": {"schema": _TEXT}},
}
SNAPSHOT_QUERY = {
    "parameters": [
        {"name": "after", "in": "query", "schema": {**_WHOLE, "default": 0}},
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "default": PULL_LIMIT}},
        {"name": "epoch", "in": "query", "schema": _TEXT},
        {"name": "sparse", "in": "query", "schema": {"type": "string", "enum": ["0", "1"], "default": "0"}},
    ]
}

_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
_OFFSET = {"Upload-Offset": {"schema": _WHOLE, "description": "bytes that are here, from the start"}}
PIECE = {
    "parameters": [
        {"name": "Content-Range", "in": "header", "required": True, "schema": _TEXT, "example": "bytes 0-65535/200000"}
    ],
    "requestBody": {"required": True, "content": _BYTES},
}
PIECE_TAKEN = answers("Piece", 400, 401, 403, 409, 413, 415, 429)
BLOB_FACTS = answers("Piece", 400, 401, 403, 404, 429)
BLOB_FACTS[200] = {"description": "how much of it is here", "headers": _OFFSET}
BLOB = answers("Piece", 400, 401, 403, 404, 416, 429)
BLOB[200] = {"description": "the whole", "content": _BYTES}
BLOB[206] = {"description": "what Range asked for", "content": _BYTES}

EVENTS = answers("Digest", 401, 429)
EVENTS[200] = {
    "description": "a stream of events, each {feed: head}, and a comment at least every 15 s",
    "content": {"text/event-stream": {"schema": _TEXT}},
}
EVENTS_QUERY = {"parameters": [{"name": "entries", "in": "query", "schema": {"type": "string", "enum": ["1"]}}]}
