"""The one error of this room."""


class FrameError(ValueError):
    """Bytes or text that are no frame.

    Attributes:
        reason: one of the `REASONS`, stable, for counting and for the page of refusals.
        detail: what was expected and what was found, for people.
    """

    REASONS = ("truncated", "oversize", "version", "type", "length", "value", "armour")

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason + ": " + detail)
        self.reason = reason
        self.detail = detail
