"""The pages that people touch, and the files that they are made of. They hold nothing secret: what they show comes from
the routes below /v1, which ask for a key or a session.

A page is a folder of `web/` with a `main.js`, a file of texts in `web/words/`, and a line in `PAGES`.
"""

import gzip
import json
import re
from functools import cache

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from phonegrade.core.data_errors import NotFoundError
from phonegrade.service.web_files import LANGUAGES, ROOT, WebFile, web_files

router = APIRouter(include_in_schema=False)
PAGES = {
    "/": "home",
    "/capture": "capture",
    "/diagnostics": "diagnostics",
    "/kiosk": "kiosk",
    "/review": "review",
}
"""The page at each path; its title is the text `PAGE.title`."""
SERVICE_WORKER = "/service-worker.js"
"""Where it lies says what it may answer for: every page."""
LANGUAGE_COOKIE = "phonegrade_language"
SECURITY_HEADERS = {
    # wasm-unsafe-eval lets ONNX Runtime compile its own file, and no text become code
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": (
        "camera=(self), microphone=(self), geolocation=(self), accelerometer=(self), gyroscope=(self), "
        "magnetometer=(self), screen-wake-lock=(self), fullscreen=(self), publickey-credentials-create=(self), "
        "payment=(), usb=()"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FILE_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
}
_PREFERRED = re.compile(r"\s*([A-Za-z]{2,3})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([0-9.]+))?\s*")


def is_page(path: str) -> bool:
    """Return whether a path is of a page, of a file, passport or receipt: nobody is asked who they are."""
    return path in PAGES or path == SERVICE_WORKER or path.startswith(("/assets/", "/p/", "/8004/", "/r/"))


async def show_page(request: Request) -> Response:
    """Answer the page at this path."""
    return await page_of(request, PAGES[request.scope["route"].path])


for _path in PAGES:
    router.add_api_route(_path, show_page, methods=["GET"], response_class=HTMLResponse)


async def page_of(request: Request, page: str) -> Response:
    """Answer the page of that name, in the language that the browser likes best; its script reads the rest."""
    files = await run_in_threadpool(web_files)
    language, root = language_of(request), request.scope.get("root_path", "").rstrip("/")
    html = _template().render(
        page=page,
        language=language,
        languages=LANGUAGES,
        title=files.word(page, language, f"{page}.title"),
        no_script=files.word(page, language, "common.no_script"),
        root=root,
        release=files.tag,
        styles=[root + path for path in files.styles_of(page)],
        icon=root + files.address("icon.svg"),
        words=root + files.address(f"words/{language}/{page}.json"),
        modules=[root + files.address(path) for path in files.imports_of(f"{page}/main.js")],
        heavy=json.dumps({path: root + address for path, address in files.heavy.items()}),
    )
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(html, headers=headers)


@router.get(SERVICE_WORKER)
async def service_worker() -> Response:
    """Answer the script that lets a page open without network."""
    files = await run_in_threadpool(web_files)
    script = files.find(files.tag, "common/service-worker.js")
    headers = {**SECURITY_HEADERS, "Cache-Control": "no-cache"}
    return Response(b"" if script is None else script.body, headers=headers, media_type="text/javascript")


@router.get("/assets/{tag}/{path:path}")
async def web_file(tag: str, path: str, request: Request) -> Response:
    """Answer a file, packed where the browser takes that."""
    file = (await run_in_threadpool(web_files)).find(tag, path)
    if file is None:
        raise NotFoundError("no such file of this release; load the page again")
    etag = f'"{file.sha256[:32]}"'
    headers = {**_FILE_HEADERS, "ETag": etag}
    if path.endswith("worker.js"):  # a worker has a policy of its own, not its page's
        headers["Content-Security-Policy"] = SECURITY_HEADERS["Content-Security-Policy"]
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    packed = file.packed
    if packed is not None and _takes_gzip(request):
        return Response(packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.media_type)
    return Response(await run_in_threadpool(_plain, file), headers=headers, media_type=file.media_type)


def language_of(request: Request) -> str:
    """Return the language that a page is shown in: the one that was chosen, or the browser's, or English."""
    chosen = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = map(_PREFERRED.fullmatch, request.headers.get("accept-language", "")[:500].split(","))
    ranked = sorted(((_weight(one[2]), one[1].casefold()) for one in wanted if one), key=lambda one: -one[0])
    return next((language for weight, language in ranked if weight > 0 and language in LANGUAGES), LANGUAGES[0])


def _weight(text: str | None) -> float:
    try:
        return 1.0 if text is None else float(text)
    except ValueError:
        return 0.0


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "").casefold()


def _plain(file: WebFile) -> bytes:
    return file.body or gzip.decompress(file.packed or b"")


@cache
def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(ROOT), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("page.html.j2")
