"""What `phonegrade serve` takes for a service that keeps cases."""

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

Data = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER", envvar="PHONEGRADE_DATA", help="Keep cases in this folder or database; without it, none."
    ),
]
JourneysDir = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Journeys of your own (*.yaml), beside the shipped ones.")
]
Prices = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Quote from this price book, or from TENANT.csv in this folder.")
]
Offers = Annotated[
    str, typer.Option(metavar="RULES", help="Next best offers: a shipped set, or a file of your own (*.yaml).")
]
Challenger = Annotated[
    str | None, typer.Option(metavar="RULES", help="Another such set, which --challenger-share of the cases tries.")
]
ChallengerShare = Annotated[float, typer.Option(min=0, max=1, help="Share of cases that the challenger gets.")]
WebhookHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--webhook-host", metavar="HOST", help="Send webhooks to this host alone; repeat it. Without: any public one."
    ),
]
PrivateWebhookHosts = Annotated[
    list[str] | None,
    typer.Option("--webhook-private-host", metavar="HOST", help="Send webhooks to this host inside the network too."),
]
WebhookHttp = Annotated[bool, typer.Option("--webhook-http", help="Send webhooks unencrypted too, to try them out.")]
NoInspect = Annotated[
    bool, typer.Option("--no-inspect", help="Leave the inspection of stored photos to `phonegrade work`.")
]


class CaseOptions(NamedTuple):
    """The options as they were given, in the order of the command's own."""

    data: str | None
    blobs: str | None
    data_key: Path | None
    journeys: Path | None
    prices: Path | None
    offers: str
    challenger: str | None
    challenger_share: float
    webhook_hosts: list[str] | None
    webhook_private_hosts: list[str] | None
    webhook_http: bool
    no_inspect: bool

    def settings(self) -> dict[str, Any]:
        """Return them as members of the service's settings."""
        return {
            "data": self.data,
            "blobs": None if self.data is None else self.blobs,
            "data_key": self.data_key,
            "journeys_dir": self.journeys,
            "prices": self.prices,
            "offers": self.offers,
            "challenger": self.challenger,
            "challenger_share": self.challenger_share,
            "webhook_hosts": tuple(self.webhook_hosts or ()),
            "webhook_private_hosts": tuple(self.webhook_private_hosts or ()),
            "webhook_http": self.webhook_http,
            "inspect_jobs": not self.no_inspect,
        }
