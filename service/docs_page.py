"""The page /docs: forms to grade and inspect photos, and the routes; it loads nothing from elsewhere."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from phonegrade.assessment.request import DEFAULT_POLICY
from phonegrade.core.vocabulary import Surface

router = APIRouter(include_in_schema=False)
_PHOTOS = frozenset({*(surface.value for surface in Surface), "photo"})


@router.get("/docs", response_class=HTMLResponse)
async def docs(request: Request) -> HTMLResponse:
    """Return a form for each route that takes photos, and every route with its parts and its answers."""
    document = request.app.openapi()
    info = document["info"]
    style, script = _text("docs_page.css"), _text("docs_page.js")
    page = _environment().get_template("docs_page.html.j2")
    html = page.render(
        title=info["title"],
        version=info["version"],
        description=info.get("description", ""),
        root=request.scope.get("root_path", ""),
        base=str(request.base_url).rstrip("/"),
        style=style,
        script=script,
        routes=[
            _route(path, method, operation, request.app.state.parts.policies.names)
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
        ],
    )
    return HTMLResponse(html, headers=_security_headers(style, script))


def _security_headers(style: str, script: str) -> dict[str, str]:
    """Allow this page's own style and script, by their hashes, and requests to this service; nothing else."""
    policy = (
        f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


@cache
def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("phonegrade.service", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _with_code
    return environment


def _with_code(text: str) -> Markup:
    """Return `text` as HTML, what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped


def _route(path: str, method: str, operation: dict[str, Any], policies: tuple[str, ...]) -> dict[str, Any]:
    responses = operation.get("responses", {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parts": _parts(operation, policies),
        "answers": [(status, answer.get("description", "")) for status, answer in responses.items()],
    }


def _parts(operation: dict[str, Any], policies: tuple[str, ...]) -> list[dict[str, Any]]:
    content = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next((one["schema"] for one in content.values()), {})
    needed = schema.get("required", [])
    return [
        {"name": name, "text": one.get("description", ""), "needed": name in needed, **_field(name, one, policies)}
        for name, one in schema.get("properties", {}).items()
    ]


def _field(name: str, part: dict[str, Any], policies: tuple[str, ...]) -> dict[str, Any]:
    """Return how a part of a form is asked for in the page, and what curl is shown to send."""
    file = "binary" in str(part)
    choices = ["true"] if part.get("type") == "boolean" else part.get("enum", [])
    example = next(iter(part.get("examples") or ()), None)
    sent = None if example is None else f"'{example}'"
    if file:
        sent = f"@{name}.json" if name == "functional" else f"@{name}.jpg"
    return {
        "kind": "file" if file else "number" if part.get("type") == "number" else "text",
        "photo": name in _PHOTOS,
        "several": part.get("type") == "array",
        "choices": list(policies) if name == "policy" else choices,
        "default": DEFAULT_POLICY if name == "policy" else None,
        "example": example,
        "sent": sent,
    }
