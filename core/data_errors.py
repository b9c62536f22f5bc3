"""The part of the tree in `core/errors.py` that only an installation with `--data` raises.

InputError
├── NotFoundError      not_found (404)
├── StaleVersionError  stale_version (412)
├── FactConflictError  fact_conflict (409)
├── AnswerExpiredError answer_expired (410)
├── OutlineError       outline
├── WebhookUrlError    webhook_url
└── SignedRecordError  signed_record
SetupError
└── DataError          data
"""

from phonegrade.core.errors import InputError, SetupError


class NotFoundError(InputError):
    """There is no such thing, or it is another tenant's: the two are not told apart."""

    code = "not_found"
    http_status = 404


class StaleVersionError(InputError):
    """A change that rests on a version of the case which is no longer the current one."""

    code = "stale_version"
    http_status = 412


class FactConflictError(InputError):
    """A fact that cannot stand beside those that are there, such as the second acceptance of one quote."""

    code = "fact_conflict"
    http_status = 409


class OutlineError(InputError):
    """What a person outlined in a stored photo lies nowhere on the phone."""

    code = "outline"


class AnswerExpiredError(InputError):
    """A repeat of a request whose answer held a secret, which is no longer kept."""

    code = "answer_expired"
    http_status = 410


class WebhookUrlError(InputError):
    """An address that events are not sent to, such as one inside the network."""

    code = "webhook_url"


class SignedRecordError(InputError):
    """A passport or receipt that is not as it was signed, or not signed by whom it should be."""

    code = "signed_record"


class DataError(SetupError):
    """What `--data` names cannot be used as it is; the message says what to do."""

    code = "data"
