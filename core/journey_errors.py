"""The errors of journeys, offers and prices, all InputErrors: leaves of the tree of `core.errors`.

InputError
├── JourneyError      journey_file
├── OffersError       offers_file
├── PriceBookError    price_book
├── FactsError        facts
├── NoPriceError      no_price
├── StaleQuoteError   stale_quote (412)
├── QuoteStateError   quote_state (409)
├── ResaleBlockedError resale_blocked (409)
├── StepOrderError    step_order (409)
├── CaseExpiredError  case_expired (409)
├── LotError          lot (409)
├── PutAwayError      put_away
└── HandOffError      hand_off (409)
"""

from collections.abc import Mapping

from phonegrade.core.errors import InputError


class JourneyError(InputError):
    """A journey that is not valid; the message names file, line and key."""

    code = "journey_file"


class OffersError(InputError):
    """Offer rules that are not valid; the message names file, line and key."""

    code = "offers_file"


class PriceBookError(InputError):
    """A price book that is not valid, or whose rows contradict each other; the message names file and line."""

    code = "price_book"


class FactsError(InputError):
    """Facts that do not belong together, or a file of them that cannot be read; the message names which."""

    code = "facts"


class NoPriceError(InputError):
    """The price book holds no price for this phone in this grade today, or the phone has no grade."""

    code = "no_price"


class StaleQuoteError(InputError):
    """The quote rests on something that changed since: another assessment, price book or set of deductions."""

    code = "stale_quote"
    http_status = 412


class QuoteStateError(InputError):
    """The quote can no longer be accepted or declined: it is expired, withdrawn or answered."""

    code = "quote_state"
    http_status = 409


class HandOffError(InputError):
    """A hand-off that cannot be claimed: wrong token or code, used, replaced or expired."""

    code = "hand_off"
    http_status = 409


class ResaleBlockedError(InputError):
    """A sale, or a putting away for sale, that the resale gate does not let; the message has every reason."""

    code = "resale_blocked"
    http_status = 409


class LotError(InputError):
    """Something that a lot does not let, such as a scan after it was closed."""

    code = "lot"
    http_status = 409


class PutAwayError(InputError):
    """Put-away rules that are not valid, or a bin that they do not have; the message names the nearest."""

    code = "put_away"


class StepOrderError(InputError):
    """A decision that the journey does not let now: the message has what is missing, and what may be done next."""

    code = "step_order"
    http_status = 409

    def __init__(self, message: str, missing: Mapping[str, tuple[str, ...]], following: tuple[str, ...]) -> None:
        """`missing` is what each step before it still needs; `following` are the steps that may be done now."""
        super().__init__(message)
        self.members = {"missing": {step: list(left) for step, left in missing.items()}, "next": list(following)}


class CaseExpiredError(InputError):
    """A new step of the deal of a case that is past its end."""

    code = "case_expired"
    http_status = 409
