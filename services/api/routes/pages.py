"""The static pages: the frontend at /, and the API documentation at /docs."""

from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import orjson
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, RedirectResponse

from services.api.http.etags import etag_matches
from services.api.http.media_types import JSON

FRONTEND = Path(__file__).parents[3] / "frontend"
_DOCS = Path(__file__).parents[1] / "docs_page"
_SWAGGER = Path(str(files("fastapi_swagger") / "resources"))

DOCS_FILES = {
    "": _DOCS / "index.html",
    "/start.js": _DOCS / "start.js",
    "/swagger-ui-bundle.js": _SWAGGER / "swagger-ui-bundle.js",
    "/swagger-ui.css": _SWAGGER / "swagger-ui.css",
}
"""Swagger UI comes from a package, not from a CDN: it works offline and under our CSP."""

router = APIRouter(include_in_schema=False)


@router.get("/docs")
@router.get("/docs/{name}")
async def docs(name: str = "") -> Response:
    """The documentation page and its files."""
    path = DOCS_FILES.get(f"/{name}" if name else "")
    if path is None:
        raise HTTPException(404)
    return FileResponse(path)


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The description of the HTTP interface, encoded once."""
    state = request.app.state
    if not hasattr(state, "openapi"):
        body = orjson.dumps(request.app.openapi())
        state.openapi = body, f'"{sha256(body).hexdigest()[:32]}"'
    body, etag = state.openapi
    if etag_matches(request.headers.getlist("if-none-match"), etag):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(body, headers={"ETag": etag}, media_type=JSON)


def install(app: FastAPI, root_path: str) -> None:
    """Serve the frontend where no route answers: its views are fragments of /.

    Its addresses are relative, so that it works under any path that ends with a slash.
    """
    app.include_router(router)
    if root_path:

        @app.get(root_path, include_in_schema=False)
        async def add_slash() -> Response:
            return RedirectResponse(f"{root_path}/", 308)

    # A fallback to index.html would answer an unknown /v1 path with the page.
    app.frontend("/", directory=FRONTEND, fallback=None)
