"""The parts of the two forms: which there are, what OpenAPI says of them, and how their texts are read."""

from typing import Any

from phonegrade.assessment.request import DEFAULT_POLICY
from phonegrade.core.errors import InputError, UsageError
from phonegrade.core.vocabulary import Surface, View

GRADE_PHOTOS = tuple(surface.value for surface in Surface)
VIEWS = ("front", "back", "edge")
_PHOTO_TEXT = "JPEG, PNG, WebP or HEIC"
_YES, _NO = ("true", "1", "yes"), ("false", "0", "no", "")

_FILE = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
_DEVICE = {
    "type": "string",
    "description": "Brand and model; without them sizes are assumed.",
    "examples": ["Apple iPhone 13", "SAMSUNG Galaxy S21 5G"],
}
_SIZE = {
    "type": "string",
    "description": "Height, width and thickness in mm, if the catalogue lacks the device.",
    "examples": ["152.8x72x8.5"],
}
_GRADE_TEXTS: dict[str, dict[str, Any]] = {
    "device": _DEVICE,
    "size": _SIZE,
    "policy": {
        "type": "string",
        "description": "Name of a policy, see /v1/policies.",
        "default": DEFAULT_POLICY,
        "examples": [DEFAULT_POLICY],
    },
    "asset": {"type": "string", "description": "Asset id, IMEI or serial number; echoed."},
    "order": {"type": "string", "description": "Order, lot or case number; echoed."},
    "brief": {"type": "boolean", "description": "Leave out what each photo shows.", "default": False},
    "report": {
        "type": "boolean",
        "description": "Add the HTML report as `report`; Accept: text/html answers with the report alone.",
        "default": False,
    },
}
_INSPECT_TEXTS: dict[str, dict[str, Any]] = {
    "view": {
        "type": "string",
        "enum": list(VIEWS),
        "description": "What the photo shows; without it the locator decides.",
    },
    "surface": {
        "type": "string",
        "enum": list(GRADE_PHOTOS),
        "description": "Instead of `view`: which side exactly, so that an edge is measured by its own length.",
    },
    "device": _DEVICE,
    "size": _SIZE,
    "min_confidence": {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": "Report defects from this confidence on, 0 to 1.",
    },
}
GRADE_TEXTS, INSPECT_TEXTS = tuple(_GRADE_TEXTS), tuple(_INSPECT_TEXTS)
GRADE_FILES = ("functional",)
INSPECT_PHOTO = ("photo",)


def grade_body() -> dict[str, Any]:
    """Return OpenAPI's request body of /v1/grade."""
    several = {
        "type": "array",
        "items": _FILE,
        "description": f"{_PHOTO_TEXT}; several photos of a surface are sent as several parts.",
    }
    tests = {**_FILE, "description": "Functional test results, JSON or YAML."}
    # in the order in which they are best sent: photos are inspected while the next is uploading once these are known
    body = {**_GRADE_TEXTS, "functional": tests, **dict.fromkeys(GRADE_PHOTOS, several)}
    return _body(body, {"anyOf": [{"required": [surface]} for surface in GRADE_PHOTOS]})


def inspect_body() -> dict[str, Any]:
    """Return OpenAPI's request body of /v1/inspect."""
    body = {"photo": {**_FILE, "description": f"{_PHOTO_TEXT}."}, **_INSPECT_TEXTS}
    return _body(body, {"required": list(INSPECT_PHOTO)})


def identify_body() -> dict[str, Any]:
    """Return OpenAPI's request body of /v1/identify."""
    return _body({"photo": {**_FILE, "description": f"{_PHOTO_TEXT}."}}, {"required": list(INSPECT_PHOTO)})


def _body(properties: dict[str, Any], rules: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "additionalProperties": False, **rules}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


def read_flag(texts: dict[str, str], name: str) -> bool:
    """Return whether a part says yes. Raises UsageError for what is neither yes nor no."""
    text = texts.get(name, "").strip().casefold()
    if text not in (*_YES, *_NO):
        raise UsageError(f"{name} must be true or false, not {text!r:.40}")
    return text in _YES


def read_shown(texts: dict[str, str]) -> tuple[Surface | None, View | None]:
    """Return the surface or the view that a photo is said to show. Raises InputError for another word, or for both."""
    surface, view = texts.get("surface"), texts.get("view")
    if surface is not None and view is not None:
        raise UsageError("give either surface or view, not both: a surface says which view it is")
    for name, given, valid in (("surface", surface, GRADE_PHOTOS), ("view", view, VIEWS)):
        if given is not None and given not in valid:
            raise InputError(f"{name}: must be one of {', '.join(valid)}, not {given!r:.40}")
    return (None if surface is None else Surface(surface)), (None if view is None else View(view))


def read_confidence(texts: dict[str, str]) -> float | None:
    """Return min_confidence. Raises InputError for what is no number from 0 to 1."""
    text = texts.get("min_confidence")
    if text is None:
        return None
    try:
        share = float(text)
    except ValueError:
        share = float("nan")
    if not 0 <= share <= 1:
        raise InputError(f"min_confidence: must be a number from 0 to 1, not {text!r:.40}")
    return share
