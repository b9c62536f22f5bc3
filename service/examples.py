"""Examples for the OpenAPI page; a test holds them to the models."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import Field

from phonegrade.core.strict import Strict


class ErrorDetail(Strict):
    """What went wrong."""

    code: str
    message: str


class ErrorAnswer(Strict):
    """The body of every answer that is not a result: a problem as RFC 9457 has it."""

    type: str
    """Always about:blank: what went wrong is `code`."""
    title: str
    status: int
    detail: str
    """What is wrong and what to do."""
    code: str
    request_id: str | None
    error: ErrorDetail
    """`code` and `detail` once more, as clients from before there was the rest read them."""
    missing: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Of `step_order`: what each step still needs."""
    next: tuple[str, ...] = ()
    """Of `step_order`: what may be done now."""


def error_example(description: str, status: int, code: str, message: str) -> dict[str, Any]:
    """Return how the OpenAPI page describes one error."""
    example = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": message,
        "code": code,
        "request_id": "5f0c7a1e9b3d2468",
        "error": {"code": code, "message": message},
    }
    schema = {"$ref": "#/components/schemas/ErrorAnswer"}
    content = {"application/problem+json": {"schema": schema, "example": example}}
    return {"description": description, "content": content}


READ_ERRORS: dict[int | str, dict[str, Any]] = {
    400: error_example("Nothing usable was sent", 400, "usage", "unknown query parameter 'p': this route knows q"),
    401: error_example(
        "No API key, or one that does not count", 401, "unauthorized", "send an API key that counts ..."
    ),
    403: error_example("The API key may not do that", 403, "forbidden", "this API key may not do that: it lacks ..."),
    422: error_example(
        "Readable, but not usable", 422, "bad_input", "limit: Input should be less than or equal to 200"
    ),
    429: error_example(
        "Too many requests; see Retry-After", 429, "rate_limited", "this key may ask 120 times a minute ..."
    ),
    500: error_example("The installation is at fault", 500, "model_file", "the service's models cannot be used ..."),
    503: error_example(
        "No room for more work; see Retry-After",
        503,
        "busy",
        "the service has as much work as it can do in time; send it again in 2 s",
    ),
}
ERRORS: dict[int | str, dict[str, Any]] = {
    **READ_ERRORS,
    400: error_example(
        "Nothing usable was sent", 400, "empty_photo", "front (front.jpg): The file is empty (0 bytes)."
    ),
    406: error_example(
        "No such form of answer", 406, "not_acceptable", "the answer is application/json or text/html ..."
    ),
    408: error_example("The upload stopped or crawled", 408, "client_too_slow", "the photos came too slowly ..."),
    409: error_example(
        "Its first is still running", 409, "still_running", "the first request with this Idempotency-Key ..."
    ),
    413: error_example(
        "Too many bytes or pixels", 413, "image_too_large", "back (back.png): The picture is 12000 x 9000 (108 MP) ..."
    ),
    415: error_example(
        "Not a photo", 415, "not_an_image", "left (left.pdf): The file is not a JPEG, PNG, WebP or HEIC ..."
    ),
    422: error_example(
        "Readable, but not gradable", 422, "wrong_view", "front (a.jpg): the photo shows a phone's back ..."
    ),
}
_NOT_FOUND = error_example("No such case, or another tenant's", 404, "not_found", "no case 0190...")
CASE_READ_ERRORS: dict[int | str, dict[str, Any]] = {**READ_ERRORS, 404: _NOT_FOUND}
CASE_ERRORS: dict[int | str, dict[str, Any]] = {
    **CASE_READ_ERRORS,
    400: error_example("Nothing usable was sent", 400, "usage", "send an Idempotency-Key, such as a fresh UUID ..."),
    409: error_example("It cannot stand beside the rest", 409, "fact_conflict", "quote_event ... cannot stand ..."),
    412: error_example("The case has changed since", 412, "stale_version", "case 0190... is at version 8 by now ..."),
    413: error_example("Too many bytes", 413, "body_too_large", "the request's body is over 1000000 bytes; send less"),
    422: error_example("Readable, but not usable", 422, "facts", "visit: the case has no visit 0190..."),
}
SECRET_ERRORS: dict[int | str, dict[str, Any]] = {
    **CASE_ERRORS,
    410: error_example("Its answer is no longer kept", 410, "answer_expired", "the answer showed a secret and ..."),
}
CASE_PHOTO_ERRORS: dict[int | str, dict[str, Any]] = {**CASE_ERRORS, **{n: ERRORS[n] for n in (408, 413, 415)}}
NOT_READY = error_example(
    "The service cannot grade", 503, "not_ready", "the service could not inspect its stored photo; see its log"
)
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_OTHER_SHA = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
_MODEL = {"locator": "0.1.0", "locator_sha256": _SHA, "segmenter": "0.1.0", "segmenter_sha256": _SHA}
INSPECT_EXAMPLE: dict[str, Any] = {
    "photo": "front.jpg",
    "photo_sha256": _SHA,
    "view": "front",
    "view_confidence": 0.98,
    "outline": [[412.0, 236.5], [1688.0, 240.0], [1690.5, 2861.0], [409.0, 2858.5]],
    "scale": {"px_per_mm": 17.9, "source": "catalogue", "resolvable_mm": 0.112},
    "surface_size_mm": [71.5, 146.7],
    "quality": [],
    "contamination": [],
    "defects": [
        {
            "id": "front-1",
            "kind": "scratch",
            "confidence": 0.87,
            "polygon": [[702.0, 911.0], [948.0, 1010.5], [946.0, 1016.0], [700.0, 917.5]],
            "length_mm": 14.8,
            "width_mm": 0.31,
            "area_mm2": 4.6,
            "zone": "display",
        }
    ],
    "model": _MODEL,
}
GRADE_EXAMPLE: dict[str, Any] = {
    "decision": {
        "status": "graded",
        "grade": "C1",
        "cosmetic_grade": "C",
        "binding": ["B_display_scratch"],
        "value_share": 0.75,
        "needs_review": False,
        "review": [],
        "cosmetic": {
            "status": "graded",
            "grade": "C",
            "surfaces": [
                {
                    "surface": "front",
                    "status": "graded",
                    "grade": "C",
                    "counted_defects": 1,
                    "reasons": [
                        {
                            "rule": "B_display_scratch",
                            "text": "scratch front-1 (14.8 mm long, 10 mm allowed)",
                            "surface": "front",
                            "defect_ids": ["front-1"],
                            "tests": [],
                        }
                    ],
                }
            ],
        },
        "functional": {
            "state": "fully_functional",
            "code": "1",
            "grade_cap": None,
            "deductions": [],
            "reasons": [],
        },
        "reasons": [
            {
                "rule": "B_display_scratch",
                "text": "scratch front-1 (14.8 mm long, 10 mm allowed)",
                "surface": "front",
                "defect_ids": ["front-1"],
                "tests": [],
            }
        ],
        "next_better": [
            {
                "axis": "cosmetic",
                "grade": "B1",
                "cosmetic_grade": "B",
                "changes": [{"rule": "B_display_scratch", "text": "without scratch front-1 (14.8 mm long)"}],
            }
        ],
        "flags": [],
        "policy": {"name": "ctia-like", "version": "3.0.0", "sha256": _SHA},
    },
    "device": {
        "name": "Apple iPhone 13",
        "assumed": False,
        "height_mm": 146.7,
        "width_mm": 71.5,
        "depth_mm": 7.7,
    },
    "flags": [
        {
            "code": "photo_not_used",
            "text": "front-2.jpg was not used: no device to be seen; fill the frame with its front side",
            "surface": "front",
        }
    ],
    "inspections": {"front": {**INSPECT_EXAMPLE, "model": None}},
    "photos": {"front": {"file": "front.jpg", "sha256": _SHA, "size_bytes": 318204}},
    "views": {
        "front": {
            "used": 1,
            "disagree_on": [],
            "photos": [
                {
                    "file": "front.jpg",
                    "sha256": _SHA,
                    "size_bytes": 318204,
                    "used": True,
                    "why_not": [],
                    "inspection": None,
                },
                {
                    "file": "front-2.jpg",
                    "sha256": _OTHER_SHA,
                    "size_bytes": 120931,
                    "used": False,
                    "why_not": [
                        {
                            "rule": "no_device",
                            "text": "front (front-2.jpg): no device to be seen; fill the frame with its front side",
                            "surface": "front",
                        }
                    ],
                    "inspection": None,
                },
            ],
        }
    },
    "functional": {
        "device": "Apple iPhone 13",
        "tests": {"power_on": "pass"},
        "measures": {"battery_health_pct": 88.0},
    },
    "versions": {
        "phonegrade": "0.1.0",
        "models": _MODEL,
        "policy": {"name": "ctia-like", "version": "3.0.0", "sha256": _SHA},
    },
    "reference": {"asset": "A-20418", "order": "SO-88123"},
}
"""Cut to one surface; an answer holds all six."""


def install_openapi(app: FastAPI) -> None:
    """Make the OpenAPI document of `app` hold the schema of its errors, which no route returns as its own model."""
    document = app.openapi

    def openapi() -> dict[str, Any]:
        reference = "#/components/schemas/{model}"
        schema = ErrorAnswer.model_json_schema(ref_template=reference)
        schemas = document()["components"]["schemas"]
        schemas.update(schema.pop("$defs"))
        schemas["ErrorAnswer"] = schema
        return document()

    app.openapi = openapi  # type: ignore[method-assign]


EVENTS_EXAMPLE = (
    'event: photo\ndata: {"surface": "front", "file": "front.jpg", "inspection": {"...": "..."}, "error": null}\n\n'
    'event: grade\ndata: {"decision": {"...": "..."}}\n\n'
)
