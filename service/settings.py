"""What the service may use and how much it accepts."""

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, SecretStr, field_validator, model_validator

from phonegrade.assessment.request import MAX_PHOTOS
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import ONNX_RUNTIME, Runtime
from phonegrade.core.workers import usable_cores
from phonegrade.inference.signature import PROJECT_KEY


class ServiceSettings(Strict):
    """Settings of one `create_app`; every default of the service stands here."""

    models_dir: Path | None = None
    """Folder of locator.onnx, boundary_refiner.onnx, segmenter.onnx and, where edges have a segmenter of their own,
    frame_segmenter.onnx; None: the shipped ones."""
    runtime: Runtime = ONNX_RUNTIME
    trusted_keys: tuple[str, ...] = (PROJECT_KEY,)
    """Public keys that models must be signed with; none: unsigned models are accepted."""
    keys_file: Path | None = None
    """API keys, see `phonegrade key new`."""
    keys_text: SecretStr | None = None
    """What such a file holds, for services that get it otherwise. Neither: whoever reaches the service may ask."""
    own_devices: tuple[Device, ...] = ()
    """Devices of the operator's own, beside those of the catalogue."""
    ready_photo: Path | None = None
    """What every worker inspects before it is ready; None: the packaged sample's front."""
    policies_dir: Path | None = None
    """Folder of policies beside the shipped ones."""
    allowed_origins: tuple[str, ...] = ()
    """Web pages of these origins, such as http://kiosk.local, may call the service from a browser; "*" is any."""
    workers: PositiveInt = Field(default_factory=usable_cores)
    """Processes that inspect photos, one photo at a time each; by default as many as there are cores to use."""
    queue: NonNegativeInt = 24
    """Photos that may wait for a worker; the next one gets 503 and Retry-After."""
    deadline_s: PositiveFloat = 5.0
    """How long a photo may wait."""
    threads: PositiveInt = 1
    """Threads for one photo."""
    max_body_bytes: PositiveInt = 6 * 30_000_000 + 1_000_000
    """Six photos as large as the decoder takes, functional tests and headers; all photos of a device share it."""
    max_upload_bytes: PositiveInt = 1_000_000_000
    """All requests together, while they are read and answered."""
    upload_idle_s: PositiveFloat = 10.0
    """An upload that stops for so long is cut off."""
    upload_total_s: PositiveFloat = 120.0
    """And one that takes so long in all."""
    drain_s: PositiveFloat = 30.0
    """How long what was accepted may take when the service is told to stop."""
    max_photos: PositiveInt = MAX_PHOTOS
    """Of one device, all surfaces together."""
    data: str | None = Field(default=None, repr=False)
    """Where cases are kept, see `store.open_store`: a folder or a URL; None: there are no cases."""
    blobs: str | None = None
    """Where their photos lie, if not in that folder."""
    data_key: Path | None = None
    """The installation's key, if it is neither in that folder nor in the environment."""
    journeys_dir: Path | None = None
    """Folder of journeys beside the shipped ones."""
    prices: Path | None = None
    """Price book that quotes come from, or a folder of TENANT.csv; None: there are no quotes."""
    put_away: Path | None = None
    """Rules that say into which bin a phone goes; None: the shipped ones."""
    lock_list: Path | None = None
    """CSV of blocked phones by keyed hash, see `service.lock_lookup`."""
    lock_command: str | None = Field(default=None, repr=False)
    """Program and arguments that answer for one number at a time."""
    lock_timeout_s: PositiveFloat = 10.0
    """How long it may take; then the answer is unknown."""
    offers: str = "standard"
    """Rules of the next best offer: a shipped set, or a file."""
    challenger: str | None = None
    """Another such set, which a share of the cases tries."""
    challenger_share: Annotated[float, Field(ge=0, le=1)] = 0.0
    stored_keys: bool = False
    """Whether only keys in the store count, where there is no file of keys."""
    audit_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    """Share of the cases of which one grade with the phone at hand is reviewed at random."""
    honeypot_share: Annotated[float, Field(ge=0, le=1)] = 0.02
    """Share of a reviewer's turns that are planted reviews, where there are any."""
    webhook_hosts: tuple[str, ...] = ()
    """The only hosts that webhooks may be sent to; without any, every public one."""
    webhook_private_hosts: tuple[str, ...] = ()
    """Hosts inside the network that they may be sent to."""
    webhook_http: bool = False
    """Whether they may be sent unencrypted: for trying out."""
    giai_prefix: Annotated[str, Field(pattern=r"^\d{4,9}$")] | None = None
    """GS1 company prefix of the operator, under which phones have GIAIs; a longer one leaves no room for an id."""
    inspect_jobs: bool = True
    """Whether this service inspects stored photos itself, and not `phonegrade work` alone."""

    read_print: bool = True
    """Whether workers read the print in photos of numbers, where the extra `ocr` is installed; barcodes always are."""

    traces: str | None = None
    """Address of an OpenTelemetry collector; None: there are no traces, and no socket but the listening one."""

    @model_validator(mode="after")
    def _has_one_source_of_keys(self) -> Self:
        if self.keys_file is not None and self.keys_text is not None:
            raise ValueError("give API keys by a file or by the environment, not by both")
        return self

    @model_validator(mode="after")
    def _has_data_for_its_files(self) -> Self:
        of_warehouse = (self.put_away, self.lock_list, self.lock_command, self.stored_keys or None)
        if self.data is None and of_warehouse != (None,) * 4:
            raise ValueError("put-away rules, look-ups of locks and stored keys are for a service with --data")
        of_cases = (self.blobs, self.data_key, self.journeys_dir, self.prices, self.challenger)
        if self.data is None and (any(of_cases) or self.webhook_hosts or self.webhook_private_hosts):
            raise ValueError(
                "blobs, the data's key, journeys, prices, a challenger and webhooks are for a service with --data"
            )
        if self.challenger_share > 0 and self.challenger is None:
            raise ValueError("a share of cases is for a challenger: name its rules with --challenger")
        return self

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if origin != "*" and re.fullmatch(r"https?://[^/\s?#]+", origin) is None:
                raise ValueError(f"{origin!r} is not an origin such as https://kiosk.example or http://localhost:3000")
        return origins
