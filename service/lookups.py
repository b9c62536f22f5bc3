"""The routes that say what the service knows: policies, devices, models."""

from typing import Annotated, cast

from fastapi import APIRouter, Query, Request, Response
from pydantic import NonNegativeInt

from phonegrade.core.devices.catalogue import catalogue
from phonegrade.core.devices.search import FoundDevice, search_devices
from phonegrade.core.errors import DeviceNameError
from phonegrade.core.strict import Strict
from phonegrade.service.examples import READ_ERRORS
from phonegrade.service.manners import refuse_unknown_query
from phonegrade.service.parts import PartsDep
from phonegrade.service.tasks import JSON, Body, DescribeModels

router = APIRouter(tags=["what the service knows"], responses=READ_ERRORS)
MOST_DEVICES = 200


class ListedPolicy(Strict):
    """One policy that a request may name."""

    name: str
    version: str
    sha256: str
    description: str
    cosmetic_grades: tuple[str, ...]
    """Best first."""


class Policies(Strict):
    """Every policy."""

    policies: tuple[ListedPolicy, ...]


class Devices(Strict):
    """What a search in the catalogue gives."""

    total: NonNegativeInt
    devices: tuple[FoundDevice, ...]
    """The newest first."""


@router.get("/v1/policies", summary="The policies that a request may name")
async def policies(request: Request, parts: PartsDep) -> Policies:
    """Answer the shipped policies and those of the operator's folder."""
    refuse_unknown_query(request)
    listed = []
    for name in parts.policies.names:
        policy = parts.policies.get(name)
        listed.append(
            ListedPolicy(
                name=policy.name,
                version=policy.version,
                sha256=policy.sha256,
                description=policy.description,
                cosmetic_grades=tuple(policy.cosmetic.names),
            )
        )
    return Policies(policies=tuple(listed))


@router.get("/v1/devices", summary="Search the device catalogue")
async def devices(
    request: Request,
    parts: PartsDep,
    q: Annotated[
        str, Query(max_length=200, description='Name or model code, such as "pixel 7" or SM-G991B; empty: all.')
    ] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_DEVICES)] = 30,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> Devices:
    """Answer the devices that every word of `q` fits, the newest first; none where nothing fits."""
    refuse_unknown_query(request, ("q", "limit", "offset"))
    matching = _search(q.strip(), parts)
    return Devices(total=len(matching), devices=matching[offset : offset + limit])


def _search(query: str, parts: PartsDep) -> tuple[FoundDevice, ...]:
    own = parts.settings.own_devices
    if not query:
        newest_first = sorted((*catalogue(), *own), key=lambda device: (-device.year, device.name))
        return tuple(map(FoundDevice.of, newest_first))
    try:
        return search_devices(query, own)
    except DeviceNameError:
        return ()


@router.get("/v1/models", summary="The loaded models, their cards and hashes", response_class=Response)
async def models(request: Request, parts: PartsDep) -> Response:
    """Answer, for each model, the SHA-256 of its file and the card inside it, and the key that signed them all."""
    refuse_unknown_query(request)
    if parts.models is None:
        parts.models = cast(Body, await parts.pool.run(DescribeModels(), urgent=True)).content
    return Response(parts.models, media_type=JSON)
