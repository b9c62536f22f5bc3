"""The page /docs: the routes in plain HTML, from the OpenAPI document, without a script or a stranger's server."""

from typing import Any

import jinja2
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)
_PAGE = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }} {{ version }}</title>
<style>body{font:16px/1.5 sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}
code,pre{background:#f2f2f2;padding:.1em .3em}pre{padding:.8em;overflow:auto}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;text-align:left;padding:.3em .5em;
vertical-align:top}</style></head><body>
<h1>{{ title }} {{ version }}</h1><p>{{ description }}</p>
<p>For programs: <a href="{{ root }}/openapi.json">openapi.json</a>.</p>
{% for route in routes %}
<h2 id="{{ route.id }}"><code>{{ route.method }} {{ root }}{{ route.path }}</code></h2>
<p><strong>{{ route.summary }}.</strong> {{ route.description }}</p>
{% if route.parts %}
<table><tr><th>part of the form</th><th>what</th></tr>
{% for part in route.parts %}
<tr><td><code>{{ part.name }}</code>{{ " (needed)" if part.needed }}</td><td>{{ part.text }}</td></tr>
{% endfor %}
</table>
<pre>curl{% for part in route.parts if part.example %} -F {{ part.name }}={{ part.example }}{% endfor %} \\
  {{ base }}{{ route.path }}</pre>
{% endif %}
<p>Answers: {% for status, text in route.answers %}<code>{{ status }}</code> {{ text }}{{ "; " if not loop.last }}\
{% endfor %}.</p>
{% endfor %}
</body></html>
""")


@router.get("/docs", response_class=HTMLResponse)
async def docs(request: Request) -> HTMLResponse:
    """Every route, its parts and its answers."""
    document = request.app.openapi()
    root = request.scope.get("root_path", "")
    info = document["info"]
    return HTMLResponse(
        _PAGE.render(
            title=info["title"],
            version=info["version"],
            description=info.get("description", ""),
            root=root,
            base=str(request.base_url).rstrip("/"),
            routes=[
                _route(path, method, told, document)
                for path, by in document["paths"].items()
                for method, told in by.items()
            ],
        )
    )


def _route(path: str, method: str, told: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": told["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": told.get("summary", ""),
        "description": told.get("description", ""),
        "parts": _parts(told, document),
        "answers": [(status, answer.get("description", "")) for status, answer in told.get("responses", {}).items()],
    }


def _parts(told: dict[str, Any], document: dict[str, Any]) -> list[dict[str, Any]]:
    content = told.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] = next((one["schema"] for one in content.values()), {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    needed = schema.get("required", [])
    return [
        {
            "name": name,
            "text": one.get("description", ""),
            "needed": name in needed,
            "example": _example(name, one),
        }
        for name, one in schema.get("properties", {}).items()
    ]


def _example(name: str, part: dict[str, Any]) -> str | None:
    """What curl is shown to send: a file, the first example of a text, None for what may well be left out."""
    if "binary" in str(part) or "octet-stream" in str(part):
        return f"@{name}.json" if name == "functional" else f"@{name}.jpg"
    examples = part.get("examples")
    return None if not examples else f"'{examples[0]}'"
